// Products of rows and a matrix in float64, with the bits of the reference engine: features of several channels in the
// JavaScript package.
//
// The reference computes `(row * column).sum()`, and NumPy's sum is pairwise: of more than 128 terms it adds the
// sums of two halves; otherwise term i goes to the partial sum i % 8, and the eight partial sums are added as a
// tree. So eight terms are computed at a time.
#include <string.h>

#include <algorithm>

#include "pool.h"
#include "sonogram_native.h"

namespace {

typedef double Eight __attribute__((vector_size(64)));

inline Eight load(const double* from) {
  Eight values;
  memcpy(&values, from, sizeof values);
  return values;
}

// The sums of `count` products of x and each of COLUMNS columns, which lie `stride` apart.
template <int COLUMNS>
void sum_products(const double* x, const double* columns, int64_t stride, int64_t count, double* out) {
  if (count > 128) {
    const int64_t half = count / 2 - count / 2 % 8;
    double second[COLUMNS];
    sum_products<COLUMNS>(x, columns, stride, half, out);
    sum_products<COLUMNS>(x + half, columns + half, stride, count - half, second);
    for (int c = 0; c < COLUMNS; ++c) out[c] += second[c];
    return;
  }
  int64_t i = 0;
  for (int c = 0; c < COLUMNS; ++c) out[c] = 0;
  if (count >= 8) {
    Eight sums[COLUMNS];
    for (int c = 0; c < COLUMNS; ++c) sums[c] = load(x) * load(columns + c * stride);
    for (i = 8; i + 8 <= count; i += 8)
      for (int c = 0; c < COLUMNS; ++c) sums[c] += load(x + i) * load(columns + c * stride + i);
    for (int c = 0; c < COLUMNS; ++c) {
      const Eight s = sums[c];
      out[c] = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    }
  }
  for (; i < count; ++i)
    for (int c = 0; c < COLUMNS; ++c) out[c] += x[i] * columns[c * stride + i];
}

constexpr int64_t BLOCK = 64;  // rows of one task

struct Product {
  const double *x, *matrix;
  int64_t rows, terms, columns;
  double* out;
};

void run_product(void* context, int64_t task) {
  const Product& product = *(const Product*)context;
  const int64_t terms = product.terms, columns = product.columns, end = std::min(product.rows, (task + 1) * BLOCK);
  for (int64_t row = task * BLOCK; row < end; ++row) {
    const double* x = product.x + row * terms;
    double* out = product.out + row * columns;
    int64_t c = 0;
    for (; c + 2 <= columns; c += 2) sum_products<2>(x, product.matrix + c * terms, terms, terms, out + c);
    for (; c < columns; ++c) sum_products<1>(x, product.matrix + c * terms, terms, terms, out + c);
  }
}

}  // namespace

void sonogram_multiply(const double* x, int64_t rows, const double* matrix, int64_t terms, int64_t columns,
                       double* out, int32_t threads) {
  Product product = {x, matrix, rows, terms, columns, out};
  sonogram::run_parallel(run_product, &product, (rows + BLOCK - 1) / BLOCK, threads);
}
