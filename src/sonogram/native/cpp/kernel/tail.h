// Operations that need the peak of the whole clip, and those that follow them.
#pragma once

#include "sonogram_native.h"

namespace sonogram {

// Returns the largest of `count` values: NaN if one of them is, minus infinity if there are none.
float peak_of(const float* values, int64_t count);

bool has_tail(const sonogram_definition& definition);

// Subtracts the peak, limits the range and normalizes, in place. Operations and their order are those of
// the NumPy engine, so that both round alike.
void apply_tail(const sonogram_definition& definition, float peak, float* values, int64_t count);

}  // namespace sonogram
