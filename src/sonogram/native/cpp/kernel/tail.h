// What needs a whole clip: its peak, and what follows from it.
#pragma once

#include "sonogram_native.h"

// The largest of `count` values, NaN if one of them is; minus infinity of none.
float peak_of(const float* values, int64_t count);

bool has_tail(const sonogram_definition& definition);

// In place. The operations and their order are those of the NumPy functions that do the same.
void apply_tail(const sonogram_definition& definition, float peak, float* values, int64_t count);
