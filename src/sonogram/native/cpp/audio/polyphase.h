// Sums of weighted inputs: compiled once for each instruction set.
//
// An output is the same to the last bit wherever it stands in a call: its sum runs over the inputs in
// their order, in a lane of its own.
#pragma once

#include "filter.h"
#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

constexpr int64_t BLOCK = 512;  // inputs of one sum: those of long filters are added up, or digits are lost

INLINE void filter_group(const Filter* filter, const FilterGroup* group, const float* tile, float* sums) {
  const float* column = tile + (int64_t)group->first * W;
  const float* weight = filter->weights + group->weights;
  for (int64_t start = 0; start < group->width; start += BLOCK) {
    const int64_t end = start + BLOCK < group->width ? start + BLOCK : group->width;
    V sum[FILTER_GROUP];
    for (int j = 0; j < FILTER_GROUP; ++j) sum[j] = splat(0);
    for (int64_t c = start; c < end; ++c) {
      const V x = load(column + c * W);
#pragma GCC unroll 8
      for (int j = 0; j < FILTER_GROUP; ++j) sum[j] = fma(splat(weight[c * FILTER_GROUP + j]), x, sum[j]);
    }
    for (int j = 0; j < FILTER_GROUP; ++j) {
      const V total = start == 0 ? sum[j] : load(sums + j * W) + sum[j];
      store(sums + j * W, total);
    }
  }
}

// `count` lanes of outputs, at most as many as there are, `rows` each, one lane after the other. `x` is
// where the first lane's inputs begin; memory must be there for all lanes, whatever is in it.
// Scratch: filter_scratch() floats.
static void filter_rows(const Filter* filter, const float* x, int64_t count, float* out, float* scratch) {
  float* tile = scratch;
  float* sums = scratch + filter->padded * W;
  for (int64_t c = 0; c < filter->padded; c += W) {
    V columns[W];
    load_columns(x + c, filter->steps, columns);
    for (int i = 0; i < W; ++i) store(tile + (c + i) * W, columns[i]);
  }
  for (int32_t g = 0; g < filter->num_groups; ++g)
    filter_group(filter, filter->groups + g, tile, sums + (int64_t)g * FILTER_GROUP * W);
  const int64_t rows = filter->rows;
  for (int64_t row = 0; row < rows; row += W) {
    V block[W];
    for (int i = 0; i < W; ++i) block[i] = load(sums + (row + i) * W);
    transpose(block);
    for (int64_t lane = 0; lane < count; ++lane) {
      float* to = out + lane * rows + row;
      if (rows - row >= W) store_unaligned(to, block[lane]);
      else
        for (int64_t i = 0; i < rows - row; ++i) to[i] = block[lane][i];
    }
  }
}

// One output between the filters `phase` and `phase + 1`. Memory after the taps must be there, with
// finite values in it.
static float filter_between(const Filter* filter, const float* x, int64_t phase, float place) {
  const float* row = filter->table + phase * filter->pitch;
  const float* next = row + filter->pitch;
  V low = splat(0), high = splat(0);
  for (int64_t k = 0; k < filter->pitch; k += W) {
    const V input = load_unaligned(x + k);
    low = fma(load(row + k), input, low);
    high = fma(load(next + k), input, high);
  }
  low = fma(splat(place), high - low, low);
  float total = 0;
  for (int i = 0; i < W; ++i) total += low[i];
  return total;
}

}  // namespace sonogram::SONOGRAM_ISA
