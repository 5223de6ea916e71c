// A low-pass filter lowered for the kernel: tables in float32, made once by filter.cpp, read by every thread.
//
// Plain data without inline functions: files compiled for different instruction sets share it.
#pragma once

#include <stdint.h>

namespace sonogram {

enum { FILTER_GROUP = 8 };  // outputs that are summed in parallel

// Outputs that follow one another, and the inputs that any of them sees.
struct FilterGroup {
  int32_t first, width;  // columns
  int64_t weights;       // floats from the first weight: (width, FILTER_GROUP)
};

// Every `to` outputs stand to the inputs as the `to` before them did, `from` inputs further on.
struct Filter {
  int64_t from, to;  // without a common divisor
  int64_t before;    // inputs before the instant of an output that it sees
  int64_t taps;      // inputs that an output sees
  int32_t lanes;

  // Few phases: each lane computes `rows` outputs, a whole number of periods, out of a tile whose
  // column c holds the inputs c, c + steps, c + 2 steps... 0 rows: many phases.
  int64_t rows, steps;
  int64_t columns;  // that are read
  int64_t padded;   // columns in a tile, a multiple of `lanes`
  int32_t num_groups;
  const FilterGroup* groups;
  const float* weights;

  // Many phases: the filter at `phases` places between two inputs, and straight lines from one to the next.
  int64_t phases;
  int64_t pitch;       // floats from one row to the next, a multiple of `lanes`
  const float* table;  // (phases + 1, pitch), 0 beyond the taps
};

}  // namespace sonogram
