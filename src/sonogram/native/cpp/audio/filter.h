// A low-pass filter lowered for the kernel: tables in float32, made once by filter.cpp, read by every thread.
//
// Plain data without inline functions: files compiled for different instruction sets share it.
#pragma once

#include <stdint.h>

namespace sonogram {

enum { FILTER_GROUP = 8 };  // outputs that are summed in parallel

// Consecutive outputs, and the range of inputs that at least one of them uses.
struct FilterGroup {
  int32_t first, width;  // columns
  int64_t weights;       // floats from the first weight: (width, FILTER_GROUP)
};

// With the reduced ratio to / from, output n lies at input n * from / to. So the pattern of taps repeats
// after `to` outputs, which is `from` inputs later: there are only `to` different filters (phases).
struct Filter {
  int64_t from, to;  // without a common divisor
  int64_t before;    // inputs before the position of an output that it uses
  int64_t taps;      // inputs that an output uses
  int32_t lanes;

  // Few phases: each SIMD lane computes `rows` outputs, a whole number of periods, so that all lanes use
  // the same weights. Lane i begins `steps` inputs after lane i - 1; so column c of a tile holds the inputs
  // c, c + steps, c + 2 steps, ... 0 rows: many phases.
  int64_t rows, steps;
  int64_t columns;  // columns that are used
  int64_t padded;   // columns in a tile, a multiple of `lanes`
  int64_t scratch;  // floats: a tile, sums and the points of transforms
  int32_t num_groups;
  const FilterGroup* groups;
  const float* weights;

  // Few phases of few inputs: a row is two blocks of a fast convolution (convolution.h), and the weights are its
  // twiddles and the transforms of the filters. 0 points: sums.
  int64_t size, valid;  // points of a transform, and outputs of one phase that a block gives

  // Many phases: filters at `phases` positions between two inputs, interpolated linearly.
  int64_t phases;
  int64_t pitch;       // floats from one row to the next, a multiple of `lanes`
  const float* table;  // (phases + 1, pitch), 0 beyond the taps
};

}  // namespace sonogram
