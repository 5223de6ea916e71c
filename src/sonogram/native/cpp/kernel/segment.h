// The segment of a clip that a block of frames needs: converted, conditioned and padded at its ends.
//
// Where none of this is necessary, the block reads the caller's samples in place.
#pragma once

#include "program.h"
#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

// Conditioning over the clip: mean, pre-emphasis and scale, in float64.
template <typename T>
struct Conditioner {
  static constexpr double UNIT = sizeof(T) == 2 ? 1.0 / 32768 : 1.0;  // int16 becomes [-1, 1)

  const T* samples;  // of the clip; those from `base` to `end` can be read
  int64_t base, end;
  double mean, coefficient, scale;
  int32_t boundary;
  bool identity;
  int64_t dropped;  // samples of the clip before the first conditioned one
  int64_t total;    // samples of the clip

  double centered(int64_t index) const {
    return index < base || index >= end ? 0 : (double)samples[index] * UNIT - mean;
  }

  // Conditioned sample n.
  float at(int64_t n) const {
    const int64_t index = n + dropped;
    double y = centered(index);
    if (coefficient != 0) {
      if (index > 0)
        y -= coefficient * centered(index - 1);
      else if (boundary == SONOGRAM_REPEAT)
        y -= coefficient * y;
      else if (boundary == SONOGRAM_REFLECTED && total > 1)
        y -= coefficient * centered(1);
      else if (boundary == SONOGRAM_WRAPPED)
        y -= coefficient * centered(total - 1);
    }
    return (float)(y * scale);
  }

  // Conditioned samples from n on, all of which can be read.
  void copy(int64_t n, int64_t count, float* out) const {
    const T* x = samples + n + dropped;
    if (identity) {
      for (int64_t i = 0; i < count; ++i) out[i] = (float)x[i] * (float)UNIT;
      return;
    }
    if (count > 0 && n + dropped == 0) {
      *out++ = at(0);
      ++x, --count;
    }
    for (int64_t i = 0; i < count; ++i) {
      const double y = (double)x[i] * UNIT - mean, previous = (double)x[i - 1] * UNIT - mean;
      out[i] = (float)((y - coefficient * previous) * scale);
    }
  }
};

// The index of the sample that padding puts at `position` outside the clip. A reflected clip repeats with
// a period of 2 (length - 1), a symmetric one, which repeats its edge samples, with 2 length.
INLINE int64_t padded_index(int64_t position, int64_t length, int32_t mode) {
  const int64_t period = mode == SONOGRAM_SYMMETRIC ? 2 * length : larger(2 * (length - 1), 1);
  int64_t index = position % period;
  if (index < 0) index += period;
  if (mode == SONOGRAM_SYMMETRIC) return smaller(index, period - 1 - index);
  return length > 1 ? smaller(index, period - index) : 0;
}

template <typename T>
static void condition(const Program* program, const ClipView* clip, int64_t start, int64_t needed,
                      int64_t size, float* out) {
  const sonogram_definition& d = program->definition;
  const bool emphasizes = d.preemphasis == SONOGRAM_CLIP;
  Conditioner<T> conditioner;
  conditioner.samples = (const T*)clip->samples - clip->base;
  conditioner.base = clip->base, conditioner.end = clip->base + clip->available;
  conditioner.mean = clip->mean, conditioner.coefficient = emphasizes ? d.coefficient : 0.0;
  conditioner.scale = program->sample_scale;
  conditioner.boundary = d.preemphasis_boundary;
  conditioner.dropped = emphasizes && d.preemphasis_boundary == SONOGRAM_DROP ? 1 : 0;
  conditioner.total = clip->total;
  conditioner.identity = !emphasizes && d.remove_mean != SONOGRAM_CLIP && conditioner.scale == 1;

  const int64_t length = clip->total - conditioner.dropped;
  // The first sample given is read only as the predecessor of the next one.
  const int64_t history = !conditioner.identity && clip->base > 0 ? 1 : 0;
  const int64_t low = larger(clip->base + history - conditioner.dropped, 0);
  const int64_t high = smaller(conditioner.end - conditioner.dropped, length);
  const int64_t begin = smaller(larger(low, start), start + needed);
  const int64_t end = larger(smaller(high, start + needed), begin);
  const auto padded = [&](int64_t n) {
    if (n >= 0 && n < length) return conditioner.at(n);
    if (d.padding_mode == SONOGRAM_CONSTANT || length < 1) return 0.0f;
    return conditioner.at(padded_index(n, length, d.padding_mode));
  };
  for (int64_t n = start; n < begin; ++n) out[n - start] = padded(n);
  conditioner.copy(begin, end - begin, out + (begin - start));
  for (int64_t n = end; n < start + needed; ++n) out[n - start] = padded(n);
  for (int64_t i = needed; i < size; ++i) out[i] = 0;
}

// Returns the samples from `start` on. `needed` of them are used; `size` can be read.
static const float* segment(const Program* program, const ClipView* clip, int64_t start, int64_t needed,
                            int64_t size, float* scratch) {
  const sonogram_definition& d = program->definition;
  const bool identity = clip->dtype == SONOGRAM_FLOAT32 && d.remove_mean != SONOGRAM_CLIP &&
                        d.preemphasis != SONOGRAM_CLIP && program->sample_scale == 1;
  const int64_t end = smaller(clip->base + clip->available, clip->total);
  if (identity && start >= clip->base && start + size <= end)
    return (const float*)clip->samples + (start - clip->base);
  switch (clip->dtype) {
    case SONOGRAM_FLOAT64: condition<double>(program, clip, start, needed, size, scratch); break;
    case SONOGRAM_INT16: condition<int16_t>(program, clip, start, needed, size, scratch); break;
    default: condition<float>(program, clip, start, needed, size, scratch);
  }
  return scratch;
}

}  // namespace sonogram::SONOGRAM_ISA
