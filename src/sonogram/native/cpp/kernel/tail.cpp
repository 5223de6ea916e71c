#include "tail.h"

#include <algorithm>
#include <limits>

namespace sonogram {
namespace {

// The maximum, or NaN where `a` is; written so that the compiler finds its vector instructions.
inline float larger(float a, float b) { return a >= b || a != a ? a : b; }

}  // namespace

float peak_of(const float* values, int64_t count) {
  constexpr int64_t LANES = 16;
  float peaks[LANES];
  std::fill(peaks, peaks + LANES, -std::numeric_limits<float>::infinity());
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int64_t lane = 0; lane < LANES; ++lane) peaks[lane] = larger(peaks[lane], values[i + lane]);
  for (; i < count; ++i) peaks[0] = larger(peaks[0], values[i]);
  float peak = peaks[0];
  for (const float other : peaks) peak = larger(peak, other);
  return peak;
}

bool has_tail(const sonogram_definition& d) {
  return d.reference_peak || d.affine || d.dynamic_range > 0;
}

void apply_tail(const sonogram_definition& d, float peak, float* values, int64_t count) {
  const bool limited = d.dynamic_range > 0;
  const float reference = d.reference_peak ? peak : 0.0f;
  const float limit = (d.reference_peak ? peak - peak : peak) - (float)d.dynamic_range;
  const float mean = (float)d.mean, gain = (float)d.gain;
  if (d.reference_peak)
    for (int64_t i = 0; i < count; ++i) values[i] -= reference;
  if (limited && d.affine)
    for (int64_t i = 0; i < count; ++i) values[i] = (larger(values[i], limit) - mean) * gain;
  else if (limited)
    for (int64_t i = 0; i < count; ++i) values[i] = larger(values[i], limit);
  else if (d.affine)
    for (int64_t i = 0; i < count; ++i) values[i] = (values[i] - mean) * gain;
}

}  // namespace sonogram
