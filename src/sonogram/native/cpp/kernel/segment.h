// The samples of one block of frames: converted, conditioned, and padded at the edges of the clip.
//
// Where nothing of that is needed the block reads the caller's samples as they stand.
#pragma once

#include "program.h"
#include "vector.h"

namespace SONOGRAM_ISA {

INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

template <typename T>
struct FullScale {
  static constexpr double value = 1.0;
};
template <>
struct FullScale<int16_t> {
  static constexpr double value = 1.0 / 32768;
};

// The samples of a clip after what is done to the clip as a whole.
template <typename T>
struct Reader {
  const T* samples;  // where the clip begins; can be read from base to end
  int64_t base, end;
  double mean, coefficient, scale;
  int32_t first;
  bool conditioned;
  int64_t dropped;

  double raw(int64_t place) const {
    if (place < base || place >= end) return 0;
    return (double)samples[place] * FullScale<T>::value - mean;
  }

  // One conditioned sample.
  float at(int64_t index) const {
    const int64_t place = index + dropped;
    double y = raw(place);
    if (coefficient != 0) {
      if (place > 0)
        y -= coefficient * raw(place - 1);
      else if (first == SONOGRAM_REPEAT)
        y -= coefficient * y;
    }
    return (float)(y * scale);
  }

  // Conditioned samples from `index` on, all inside the clip.
  void copy(int64_t index, int64_t count, float* out) const {
    const T* x = samples + index + dropped;
    if (!conditioned) {
      for (int64_t i = 0; i < count; ++i) out[i] = (float)x[i] * (float)FullScale<T>::value;
      return;
    }
    if (count > 0 && index + dropped == 0) {
      *out++ = at(0);
      ++x, --count;
    }
    for (int64_t i = 0; i < count; ++i) {
      const double y = (double)x[i] * FullScale<T>::value - mean;
      const double before = (double)x[i - 1] * FullScale<T>::value - mean;
      out[i] = (float)((y - coefficient * before) * scale);
    }
  }
};

// Where in the clip the sample at `position` beyond its edges comes from: mirrors as often as needed.
INLINE int64_t mirrored(int64_t position, int64_t length, int32_t edges) {
  const int64_t period = edges == SONOGRAM_SYMMETRIC ? 2 * length : larger(2 * (length - 1), 1);
  int64_t place = position % period;
  if (place < 0) place += period;
  if (edges == SONOGRAM_SYMMETRIC) return smaller(place, period - 1 - place);
  return length > 1 ? smaller(place, period - place) : 0;
}

template <typename T>
static void gather(const Program* program, const Clip* clip, int64_t start, int64_t needed,
                   int64_t size, float* out) {
  const sonogram_definition& d = program->definition;
  const bool emphasized = d.preemphasis == SONOGRAM_CLIP;
  Reader<T> reader;
  reader.samples = (const T*)clip->samples - clip->base;
  reader.base = clip->base, reader.end = clip->base + clip->available;
  reader.mean = clip->mean, reader.coefficient = emphasized ? d.coefficient : 0.0;
  reader.scale = program->sample_scale;
  reader.first = d.preemphasis_first;
  reader.dropped = emphasized && d.preemphasis_first == SONOGRAM_DROP ? 1 : 0;
  reader.conditioned = emphasized || d.remove_mean == SONOGRAM_CLIP || reader.scale != 1;

  const int64_t kept = clip->total - reader.dropped;
  const int64_t past = reader.conditioned && clip->base > 0 ? 1 : 0;  // a sample that is only looked back at
  const int64_t low = larger(clip->base + past - reader.dropped, 0);
  const int64_t high = smaller(reader.end - reader.dropped, kept);
  const int64_t begin = smaller(larger(low, start), start + needed);
  const int64_t end = larger(smaller(high, start + needed), begin);
  const auto edge = [&](int64_t p) {
    if (p >= 0 && p < kept) return reader.at(p);
    return d.edges == SONOGRAM_ZEROS || kept < 1 ? 0.0f : reader.at(mirrored(p, kept, d.edges));
  };
  for (int64_t p = start; p < begin; ++p) out[p - start] = edge(p);
  reader.copy(begin, end - begin, out + (begin - start));
  for (int64_t p = end; p < start + needed; ++p) out[p - start] = edge(p);
  for (int64_t i = needed; i < size; ++i) out[i] = 0;
}

// Returns the samples from `start` on. `needed` of them matter; `size` can be read.
static const float* segment(const Program* program, const Clip* clip, int64_t start, int64_t needed,
                            int64_t size, float* scratch) {
  const sonogram_definition& d = program->definition;
  const bool plain = clip->dtype == SONOGRAM_FLOAT32 && d.remove_mean != SONOGRAM_CLIP &&
                     d.preemphasis != SONOGRAM_CLIP && program->sample_scale == 1;
  const int64_t end = smaller(clip->base + clip->available, clip->total);
  if (plain && start >= clip->base && start + size <= end)
    return (const float*)clip->samples + (start - clip->base);
  switch (clip->dtype) {
    case SONOGRAM_FLOAT64: gather<double>(program, clip, start, needed, size, scratch); break;
    case SONOGRAM_INT16: gather<int16_t>(program, clip, start, needed, size, scratch); break;
    default: gather<float>(program, clip, start, needed, size, scratch);
  }
  return scratch;
}

}  // namespace SONOGRAM_ISA
