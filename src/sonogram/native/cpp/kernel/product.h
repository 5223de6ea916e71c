// Products of rows and a matrix, for cepstra: W rows at a time, one in each lane.
//
// All lanes run the same operations in the same order, so a row of the result depends on its own row alone.
#pragma once

#include "columns.h"
#include "segment.h"

namespace sonogram::SONOGRAM_ISA {

// The sums of `terms` products of x, one vector for each term, and N columns.
template <int N>
static void sum_products(const ProductPart* part, int64_t first, const float* x, float* y) {
  const int64_t terms = part->terms;
  const float* weights = part->weights + first * terms;
  V sums[N];
  for (int c = 0; c < N; ++c) sums[c] = splat(0);
  for (int64_t t = 0; t < terms; ++t) {
    const V value = load(x + t * W);
#pragma GCC unroll 8
    for (int c = 0; c < N; ++c) sums[c] = fma(splat(weights[c * terms + t]), value, sums[c]);
  }
  for (int c = 0; c < N; ++c) store(y + part->columns[first + c] * W, sums[c]);
}

static void multiply_part(const ProductPart* part, const float* x, float* y) {
  int64_t c = 0;
  for (; c + 8 <= part->count; c += 8) sum_products<8>(part, c, x, y);
  for (; c + 4 <= part->count; c += 4) sum_products<4>(part, c, x, y);
  for (; c < part->count; ++c) sum_products<1>(part, c, x, y);
}

// Replaces x[t] by the sum and x[terms / 2 + ...] by the difference of the mirrored terms t and terms - 1 - t: the
// sums come first, the middle term among them, then the differences.
static void fold(int64_t terms, const float* x, float* folded) {
  const int64_t half = terms / 2, sums = terms - half;
  for (int64_t t = 0; t < half; ++t) {
    const V low = load(x + t * W), high = load(x + (terms - 1 - t) * W);
    store(folded + t * W, low + high);
    store(folded + (sums + t) * W, low - high);
  }
  if (terms % 2) store(folded + half * W, load(x + half * W));
}

// Writes `rows` rows of W columns each that stand one after the other in y.
static void write_transposed(const float* y, int64_t columns, int64_t rows, float* out) {
  for (int64_t column = 0; column < columns; column += W) {
    V block[W];
    for (int i = 0; i < W; ++i) block[i] = load(y + (column + i) * W);
    transpose(block);
    const int64_t count = smaller(columns - column, W);
    for (int64_t row = 0; row < rows; ++row) {
      float* to = out + row * columns + column;
      if (count == W) store_unaligned(to, block[row]);
      else
        for (int64_t i = 0; i < count; ++i) to[i] = block[row][i];
    }
  }
}

// `reference` is subtracted from the values and `limit` their least one: 0 and minus infinity change nothing.
static void multiply(const Product* product, const float* x, int64_t stride, int64_t rows, float reference, float limit,
                     float* out, float* scratch) {
  const int64_t terms = product->terms, whole = (terms + W - 1) / W * W, columns = product->columns;
  float* values = scratch;
  float* folded = values + whole * W;
  float* y = folded + whole * W;
  float* rest = y + (columns + W - 1) / W * W * W;
  const V shift = splat(reference), least = splat(limit);
  for (int64_t row = 0; row < rows; row += W) {
    const float* from = x + row * stride;
    const int64_t count = smaller(rows - row, W);
    // Whole vectors are read, beyond the end of the last row too.
    if ((row + W) * stride + W > rows * stride) {
      for (int64_t i = 0; i < W * stride + W; ++i) rest[i] = i < count * stride ? from[i] : 0;
      from = rest;
    }
    for (int64_t t = 0; t < whole; t += W) {
      V block[W];
      load_columns(from + t, stride, block);
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) store(values + (t + i) * W, at_least(block[i] - shift, least));
    }
    const float* inputs = values;
    if (product->folded) fold(terms, values, folded), inputs = folded;
    for (int i = 0; i < product->num_parts; ++i) {
      multiply_part(&product->parts[i], inputs, y);
      inputs += product->parts[i].terms * W;
    }
    write_transposed(y, columns, count, out + row * columns);
  }
}

}  // namespace sonogram::SONOGRAM_ISA
