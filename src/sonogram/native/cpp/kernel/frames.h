// What follows the columns frame by frame: the floor below the peak of the clip, the mask, the cepstrum and the
// normalizations that need one frame.
#pragma once

#include "product.h"

namespace sonogram::SONOGRAM_ISA {

// The larger of both, or NaN where one of them is.
INLINE float at_least(float a, float b) { return a >= b || a != a ? a : b; }
INLINE float at_most(float a, float b) { return a <= b || a != a ? a : b; }
INLINE V at_most(V x, V limit) { return x > limit ? limit : x; }

// Replaces each of `count` values by f of it.
template <class F>
INLINE void transform_values(float* x, int64_t count, const F& f) {
  int64_t i = 0;
  for (; i + W <= count; i += W) store_unaligned(x + i, f(load_unaligned(x + i)));
  if (i == count) return;
  float rest[W] = {0};
  for (int64_t k = i; k < count; ++k) rest[k - i] = x[k];
  store_unaligned(rest, f(load_unaligned(rest)));
  for (int64_t k = i; k < count; ++k) x[k] = rest[k - i];
}

// The largest of `count` values: NaN if one of them is, minus infinity if there are none.
static float peak_of_values(const float* x, int64_t count) {
  V peaks[4];
  I invalid[4];
  for (int k = 0; k < 4; ++k) peaks[k] = splat(-__builtin_inff()), invalid[k] = (I){0};
  int64_t i = 0;
  for (; i + 4 * W <= count; i += 4 * W)
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const V value = load_unaligned(x + i + k * W);
      peaks[k] = value > peaks[k] ? value : peaks[k];
      invalid[k] |= (I)(value != value);
    }
  float peak = -__builtin_inff();
  for (int k = 0; k < 4; ++k)
    for (int lane = 0; lane < W; ++lane) {
      if (invalid[k][lane]) return __builtin_nanf("");
      peak = peaks[k][lane] > peak ? peaks[k][lane] : peak;
    }
  for (; i < count; ++i) peak = at_least(peak, x[i]);
  return peak;
}

static float peak_of(const Tail* tail, const float* x, int64_t frames) {
  if (tail->stride == tail->columns) return peak_of_values(x, frames * tail->columns);
  float peak = -__builtin_inff();
  for (int64_t frame = 0; frame < frames; ++frame)
    peak = at_least(peak, peak_of_values(x + frame * tail->stride, tail->columns));
  return peak;
}

// Subtracts the reference and applies the limit, then an affine normalization with one mean and one gain.
template <bool LIMITED, bool AFFINE>
static void scale_values(const sonogram_tail& rule, const double* mean, const double* gain, float reference, float limit,
                         float* x, int64_t count) {
  const V shift = splat(reference), least = splat(limit);
  const V center = splat(AFFINE ? (float)*mean : 0), factor = splat(AFFINE ? (float)*gain : 0);
  const V minimum = splat((float)rule.minimum), maximum = splat((float)rule.maximum);
  const bool bounded = AFFINE && !(rule.minimum == -__builtin_inf() && rule.maximum == __builtin_inf());
  with_flag(bounded, [&](auto bounds) {
    transform_values(x, count, [&](V value) {
      if (LIMITED) value = at_least(value - shift, least);
      if (AFFINE) value = (value - center) * factor;
      return bounds ? at_most(at_least(value, minimum), maximum) : value;
    });
  });
}

static void round_to_steps(double step, float* x, int64_t count) {
  const float inverse = (float)(1 / step), size = (float)step;
  for (int64_t i = 0; i < count; ++i) {
    const float rounded = __builtin_floorf(x[i] * inverse + 0.5f) * size;
    x[i] += rounded - x[i];
  }
}

// In float64, because the means and gains of the features are.
static void scale_features(const Tail* tail, float* x, int64_t frames) {
  const sonogram_tail& rule = tail->rule;
  for (int64_t frame = 0; frame < frames; ++frame, x += tail->features)
    for (int64_t i = 0; i < tail->features; ++i) {
      double value = ((double)x[i] - tail->mean[i]) * tail->gain[i];
      value = value < rule.minimum ? rule.minimum : value > rule.maximum ? rule.maximum : value;
      if (rule.step > 0) value += __builtin_floor(value * (1 / rule.step) + 0.5) * rule.step - value;
      x[i] = (float)value;
    }
}

static void divide_by_peaks(const Tail* tail, float* x, int64_t frames) {
  const float least = (float)tail->rule.absolute;
  for (int64_t frame = 0; frame < frames; ++frame, x += tail->features) {
    float peak = -__builtin_inff();
    for (int64_t i = 0; i < tail->features; ++i) peak = at_least(peak, __builtin_fabsf(x[i]));
    const float divisor = peak <= least ? 1 : peak;
    for (int64_t i = 0; i < tail->features; ++i) x[i] /= divisor;
  }
}

// The normalizations that need one frame. An affine one without a matrix comes with `scale_values` where possible.
static void normalize_frames(const Tail* tail, float* x, int64_t frames) {
  const sonogram_tail& rule = tail->rule;
  const int64_t count = frames * tail->features;
  if (rule.normalization == SONOGRAM_UNIT_PEAK) divide_by_peaks(tail, x, frames);
  if (rule.normalization != SONOGRAM_AFFINE) return;
  if (rule.has_matrix) return scale_features(tail, x, frames);
  scale_values<false, true>(rule, tail->mean, tail->gain, 0, 0, x, count);
  if (rule.step > 0) round_to_steps(rule.step, x, count);
}

// Both floors are running maxima over the bands; one of them falls by the slope. The reach of a maximum doubles with
// each step: the order of the NumPy engine, so that both round alike.
static void mask_bands(const Tail* tail, float* x, int64_t frames, float* scratch) {
  const sonogram_tail& rule = tail->rule;
  const int64_t bands = tail->columns;
  float *falling = scratch, *peak = falling + bands + 1;
  for (int64_t frame = 0; frame < frames; ++frame, x += tail->stride) {
    falling[0] = peak[0] = (float)rule.start;
    for (int64_t i = 0; i < bands; ++i) falling[i + 1] = peak[i + 1] = x[i];
    for (int64_t reach = 1; reach <= bands; reach *= 2) {
      const float fall = (float)(rule.slope * (double)reach);
      for (int64_t i = bands; i >= reach; --i) {
        falling[i] = at_least(falling[i], falling[i - reach] - fall);
        peak[i] = at_least(peak[i], peak[i - reach]);
      }
    }
    for (int64_t i = 0; i < bands; ++i) x[i] = at_least(falling[i + 1], peak[i + 1] - (float)rule.depth);
  }
}

// From columns, (frames, stride), which are changed, to `out`, (frames, width); both are the same place where the
// width stays.
static void finish_frames(const Tail* tail, float* x, int64_t frames, float peak, float* out, float* scratch) {
  const sonogram_tail& rule = tail->rule;
  const bool limited = rule.reference_peak || rule.dynamic_range > 0;
  float reference = rule.reference_peak ? peak : 0.0f;
  float limit = -__builtin_inff();
  if (rule.dynamic_range > 0) limit = (rule.reference_peak ? peak - peak : peak) - (float)rule.dynamic_range;
  if (limit != limit) reference = limit;  // NaN in one value is NaN in all
  const bool own = rule.deltas == SONOGRAM_NO_DELTAS;  // the normalization follows at once
  if (rule.num_coefficients) {
    if (rule.masked) {
      for (int64_t frame = 0; limited && frame < frames; ++frame)
        scale_values<true, false>(rule, nullptr, nullptr, reference, limit, x + frame * tail->stride, tail->columns);
      mask_bands(tail, x, frames, scratch);
      reference = 0, limit = -__builtin_inff();
    }
    multiply(&tail->product, x, tail->stride, frames, reference, limit, out, scratch);
    if (tail->stride != tail->columns)
      for (int64_t frame = 0; frame < frames; ++frame)
        out[frame * tail->width] = x[frame * tail->stride + tail->columns];
    if (own) normalize_frames(tail, out, frames);
    return;
  }
  const int64_t count = frames * tail->width;
  const bool affine = own && rule.normalization == SONOGRAM_AFFINE && !rule.has_matrix && !rule.masked && rule.step == 0;
  if (limited && affine) return scale_values<true, true>(rule, tail->mean, tail->gain, reference, limit, x, count);
  if (limited) scale_values<true, false>(rule, nullptr, nullptr, reference, limit, x, count);
  if (rule.masked) mask_bands(tail, x, frames, scratch);
  if (own) normalize_frames(tail, x, frames);
}

}  // namespace sonogram::SONOGRAM_ISA
