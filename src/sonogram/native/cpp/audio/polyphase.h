// Sums of weighted inputs: compiled once for each instruction set.
//
// Each output is summed over its inputs in order, in one lane. So it has the same bits wherever it is in a
// call, and a stream gives the bits of the whole sound.
#pragma once

#include "convolution.h"

namespace sonogram::SONOGRAM_ISA {

constexpr int64_t BLOCK = 512;  // inputs per partial sum: one float32 sum over a long filter would lose digits

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

// Computes `count` lanes (at most W) of `rows` outputs each and stores one lane after the other. `x` points
// to the inputs of the first lane; the inputs of all W lanes must be readable, but those of unused lanes
// have no effect. Scratch: filter->scratch floats.
static void filter_rows(const Filter* filter, const float* x, int64_t count, float* out, float* scratch) {
  float* tile = scratch;
  float* sums = scratch + filter->padded * W;
  for (int64_t c = 0; c < filter->padded; c += W) {
    V columns[W];
    load_columns(x + c, filter->steps, columns);
    for (int i = 0; i < W; ++i) store(tile + (c + i) * W, columns[i]);
  }
  const int64_t rows = filter->rows;
  if (filter->size) convolve(filter, tile, sums, sums + (rows + W + FILTER_GROUP) * W);
  for (int32_t g = 0; g < filter->num_groups; ++g)
    filter_group(filter, filter->groups + g, tile, sums + (int64_t)g * FILTER_GROUP * W);
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

// Computes one output by interpolation between the filters `phase` and `phase + 1`. The memory after the
// taps must be readable and finite: its weights are 0, and 0 times infinity would be NaN.
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
