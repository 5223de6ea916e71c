// Cepstra of rows on several threads.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>

#include "dispatch.h"
#include "lower.h"
#include "memory.h"
#include "pool.h"

using namespace sonogram;

namespace {

thread_local Scratch thread_scratch;

struct Products {
  static constexpr int64_t BLOCK = 64;  // rows of one task

  const Kernel& kernel;
  const Product& product;
  const float* x;
  int64_t rows;
  float* out;
  std::atomic<bool> failed{false};
};

void run_products(void* context, int64_t task) {
  Products& products = *(Products*)context;
  const Product& product = products.product;
  float* scratch = thread_scratch.reserve(product.scratch_size);
  if (scratch == nullptr) {
    products.failed = true;
    return;
  }
  const int64_t first = task * Products::BLOCK;
  products.kernel.multiply(&product, products.x + first * product.terms, product.terms,
                           std::min(Products::BLOCK, products.rows - first), 0, -INFINITY,
                           products.out + first * product.columns, scratch);
}

}  // namespace

int32_t sonogram_cepstra(const float* x, int64_t rows, const double* matrix, int64_t terms, int64_t columns,
                          float* out, const char* isa, int32_t threads) {
  const Kernel* kernel = find_kernel(isa);
  if (kernel == nullptr) return 1;
  try {
    const auto lowered = lower_product(matrix, terms, columns, terms, kernel->lanes);
    Products products = {*kernel, lowered->product, x, rows, out};
    run_parallel(run_products, &products, (rows + Products::BLOCK - 1) / Products::BLOCK, threads);
    return products.failed;
  } catch (const std::bad_alloc&) {
    return 1;
  }
}
