// What needs the frames of a whole clip: derivatives, normalizations with statistics of the clip, and the stack.
//
// Sums have the order of NumPy's, one frame after the other for each band and pairwise for a whole clip: the NumPy
// engine in float32 gives the same bits.
#pragma once

#include "frames.h"

namespace sonogram::SONOGRAM_ISA {

// Writes the weighted sums of the frames around each one, (frames, width). `x` and `y` can be read and written W
// values beyond their end.
static void filter_frames(const float* weights, int64_t size, int64_t width, const float* x, int64_t frames,
                          bool repeats, float* y) {
  const int64_t half = size / 2;
  const auto sum_at = [&](int64_t place, const auto& value_at) {
    auto total = value_at(place, 0) * 0.0f;
    bool first = true;
    for (int64_t k = 0; k < size; ++k) {
      if (weights[k] == 0) continue;
      const auto term = value_at(place, k - half) * weights[k];
      total = first ? term : total + term;
      first = false;
    }
    return total;
  };
  const int64_t begin = half * width, end = larger((frames - half) * width, begin);
  for (int64_t i = begin; i < end; i += W)
    store_unaligned(y + i, sum_at(i, [&](int64_t place, int64_t shift) { return load_unaligned(x + place + shift * width); }));
  if (!repeats) return;
  for (int64_t frame = 0; frame < frames; ++frame) {
    if (frame == half && frames > 2 * half) frame = frames - half;
    for (int64_t i = 0; i < width; ++i)
      y[frame * width + i] = sum_at(frame, [&](int64_t at, int64_t shift) {
        return x[smaller(larger(at + shift, 0), frames - 1) * width + i];
      });
  }
}

// The derivative that librosa computes: rows near an edge repeat the first or the last complete one.
static void differentiate(const float* weights, int64_t size, int64_t width, const float* x, int64_t frames, float* y) {
  const int64_t half = size / 2;
  if (frames < size) {
    for (int64_t i = 0; i < frames * width; ++i) y[i] = 0;
    return;
  }
  filter_frames(weights, size, width, x, frames, false, y);
  for (int64_t frame = 0; frame < half; ++frame)
    for (int64_t i = 0; i < width; ++i) {
      y[frame * width + i] = y[half * width + i];
      y[(frames - 1 - frame) * width + i] = y[(frames - 1 - half) * width + i];
    }
}

static void positive_differences(int64_t lag, int64_t width, const float* x, int64_t frames, float* y) {
  const int64_t begin = smaller(lag, frames) * width;
  for (int64_t i = 0; i < begin; ++i) y[i] = 0;
  for (int64_t i = begin; i < frames * width; i += W)
    store_unaligned(y + i, at_least(load_unaligned(x + i) - load_unaligned(x + i - lag * width), splat(0)));
}

// Writes the frames of x and of their derivatives, which lie `size` values apart, into rows. Whole vectors are written,
// which the next part then overwrites; `out` ends with the last row.
static void interleave(const float* x, const float* deltas, int64_t size, int64_t count, int64_t width, int64_t frames,
                       float* out) {
  const int64_t features = count * width;
  for (int64_t frame = 0; frame < frames; ++frame)
    for (int64_t part = 0; part < count; ++part) {
      const float* from = (part ? deltas + (part - 1) * size : x) + frame * width;
      float* to = out + frame * features + part * width;
      const bool fits = (frames - frame) * features - part * width >= width + W;
      int64_t i = 0;
      for (; fits && i < width; i += W) store_unaligned(to + i, load_unaligned(from + i));
      for (; i < width; ++i) to[i] = from[i];
    }
}

static void add_deltas(const Tail* tail, const float* x, int64_t frames, float* out, float* scratch) {
  const sonogram_tail& rule = tail->rule;
  const int64_t size = frames * tail->width + W;
  for (int64_t order = 0; order < rule.order; ++order) {
    const float* weights = tail->weights + order * rule.delta_size;
    float* y = scratch + order * size;
    if (rule.deltas == SONOGRAM_REGRESSION)
      filter_frames(weights, rule.delta_size, tail->width, order ? y - size : x, frames, true, y);
    else if (rule.deltas == SONOGRAM_SAVITZKY_GOLAY)
      differentiate(weights, rule.delta_size, tail->width, x, frames, y);
    else positive_differences(rule.delta_size, tail->width, x, frames, y);
  }
  interleave(x, scratch, size, rule.order + 1, tail->width, frames, out);
}

// The sum of `count` values of term(x[i]), pairwise as NumPy's.
template <class F>
static float pairwise_sum(const float* x, int64_t count, const F& term) {
  if (count > 128) {
    const int64_t half = count / 2 - count / 2 % 8;
    return pairwise_sum(x, half, term) + pairwise_sum(x + half, count - half, term);
  }
  float total = 0;
  int64_t i = 0;
  if (count >= 8) {
    float sums[8];
    for (int k = 0; k < 8; ++k) sums[k] = term(x[k]);
    for (i = 8; i + 8 <= count; i += 8)
      for (int k = 0; k < 8; ++k) sums[k] += term(x[i + k]);
    total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }
  for (; i < count; ++i) total += term(x[i]);
  return total;
}

// Calls f(lanes, place) for neighboring bands: N vectors at a time, then single bands.
template <class F>
INLINE void for_bands(int64_t bands, const F& f) {
  int64_t i = 0;
  for (; i + 4 * W <= bands; i += 4 * W) f(Constant<4>(), i);
  for (; i + W <= bands; i += W) f(Constant<1>(), i);
  for (; i < bands; ++i) f(Constant<0>(), i);
}

// Statistics of the values of a band, or of the clip: `center` is subtracted before the squares.
struct Statistics {
  float *low, *high, *sum;
};

static void sum_bands(const float* x, int64_t frames, int64_t bands, const Statistics& s) {
  for_bands(bands, [&](auto lanes, int64_t band) {
    const float* p = x + band;
    if constexpr (lanes == 0) {
      float low = *p, high = *p, sum = *p;
      for (int64_t frame = 1; frame < frames; ++frame) {
        const float value = p[frame * bands];
        low = value < low ? value : low, high = value > high ? value : high, sum += value;
      }
      s.low[band] = low, s.high[band] = high, s.sum[band] = sum;
    } else {
      V low[lanes], high[lanes], sum[lanes];
      for (int k = 0; k < lanes; ++k) low[k] = high[k] = sum[k] = load_unaligned(p + k * W);
      for (int64_t frame = 1; frame < frames; ++frame) {
        p += bands;
#pragma GCC unroll 4
        for (int k = 0; k < lanes; ++k) {
          const V value = load_unaligned(p + k * W);
          low[k] = at_most(low[k], value), high[k] = at_least(value, high[k]), sum[k] += value;
        }
      }
      for (int k = 0; k < lanes; ++k) {
        store_unaligned(s.low + band + k * W, low[k]);
        store_unaligned(s.high + band + k * W, high[k]);
        store_unaligned(s.sum + band + k * W, sum[k]);
      }
    }
  });
}

// The sums of the squares of the deviations from the means.
static void sum_squares(const float* x, int64_t frames, int64_t bands, const float* means, float* sums) {
  for_bands(bands, [&](auto lanes, int64_t band) {
    const float* p = x + band;
    if constexpr (lanes == 0) {
      float sum = 0;
      for (int64_t frame = 0; frame < frames; ++frame) {
        const float value = p[frame * bands] - means[band];
        sum += value * value;
      }
      sums[band] = sum;
    } else {
      V sum[lanes], mean[lanes];
      for (int k = 0; k < lanes; ++k) sum[k] = splat(0), mean[k] = load_unaligned(means + band + k * W);
      for (int64_t frame = 0; frame < frames; ++frame, p += bands)
#pragma GCC unroll 4
        for (int k = 0; k < lanes; ++k) {
          const V value = load_unaligned(p + k * W) - mean[k];
          sum[k] += value * value;
        }
      for (int k = 0; k < lanes; ++k) store_unaligned(sums + band + k * W, sum[k]);
    }
  });
}

// Whether the values differ no more than rounding explains; false for NaN, which is in the sum, and infinity.
static bool is_constant(const sonogram_tail& rule, float low, float high, float sum) {
  const float a = __builtin_fabsf(low), b = __builtin_fabsf(high), size = a > b ? a : b;
  return sum == sum && (high - low) - (float)rule.relative * size <= (float)rule.absolute;
}

static float deviation_of(const sonogram_tail& rule, float squares, float count) {
  const float divisor = count - (float)rule.ddof;
  const float variance = squares / (divisor > 1 ? divisor : 1);
  const float epsilon = (float)rule.epsilon;
  return rule.epsilon_in_root ? __builtin_sqrtf(variance + epsilon) : __builtin_sqrtf(variance) + epsilon;
}

// Replaces the values by (x - mean) / divisor. A divisor of infinity stands for a constant: its result is 0.
static void normalize_rows(float* __restrict x, int64_t rows, int64_t width, const float* __restrict means,
                           const float* __restrict divisors) {
  for (int64_t row = 0; row < rows; ++row, x += width)
    for (int64_t i = 0; i < width; ++i) x[i] = (x[i] - means[i]) / divisors[i];
}

static void center_rows(float* __restrict x, int64_t rows, int64_t width, const float* __restrict means,
                        const float* __restrict gains) {
  for (int64_t row = 0; row < rows; ++row, x += width)
    for (int64_t i = 0; i < width; ++i) x[i] = (x[i] - means[i]) * gains[i];
}

// Standardize and RemoveMean.
static void normalize_statistics(const Tail* tail, float* x, int64_t frames, float* scratch) {
  const sonogram_tail& rule = tail->rule;
  // NumPy adds the values of a single band as those of a clip.
  const bool whole = !rule.per_band || tail->features == 1;
  const int64_t width = whole ? 1 : tail->features, rows = whole ? frames * tail->features : frames;
  const Statistics s = {scratch, scratch + width, scratch + 2 * width};
  float *means = s.sum, *squares = scratch + 3 * width, *divisors = scratch + 4 * width;
  if (whole) {
    s.low[0] = s.high[0] = x[0];
    for (int64_t i = 0; i < rows; ++i) {
      s.low[0] = x[i] < s.low[0] ? x[i] : s.low[0];
      s.high[0] = x[i] > s.high[0] ? x[i] : s.high[0];
    }
    s.sum[0] = pairwise_sum(x, rows, [](float value) { return value; });
  } else {
    sum_bands(x, frames, width, s);
  }
  const bool centers = rule.normalization == SONOGRAM_REMOVE_MEAN;
  for (int64_t i = 0; i < width; ++i) {
    divisors[i] = is_constant(rule, s.low[i], s.high[i], s.sum[i]) ? __builtin_inff() : 1;
    means[i] = s.sum[i] / (float)rows;
  }
  if (centers) {
    for (int64_t i = 0; i < width; ++i) divisors[i] = divisors[i] == 1 ? 1 : 0;
    return center_rows(x, rows, width, means, divisors);
  }
  if (whole) {
    const float mean = means[0];
    squares[0] = pairwise_sum(x, rows, [mean](float value) { return (value - mean) * (value - mean); });
  } else {
    sum_squares(x, frames, width, means, squares);
  }
  for (int64_t i = 0; i < width; ++i)
    if (divisors[i] == 1) divisors[i] = deviation_of(rule, squares[i], (float)rows);
  normalize_rows(x, rows, width, means, divisors);
}

static void normalize_range(const Tail* tail, float* x, int64_t frames) {
  const int64_t count = frames * tail->features;
  float low = x[0], high = x[0];
  for (int64_t i = 0; i < count; ++i) low = at_most(low, x[i]), high = at_least(high, x[i]);
  const float span = high - low, divisor = span + (float)tail->rule.epsilon;
  const bool constant = is_constant(tail->rule, low, high, low);
  // A finite value divided by an infinite span would be 0, as if the clip were silent.
  const bool finite = span < __builtin_inff();
  for (int64_t i = 0; i < count; ++i) x[i] = constant ? 0 : finite ? (x[i] - low) / divisor : __builtin_nanf("");
}

static void subtract_running_means(const Tail* tail, float* x, int64_t frames, float* means) {
  const sonogram_tail& rule = tail->rule;
  const int64_t bands = tail->features;
  const float keep = (float)(1 - rule.smoothing), gain = (float)rule.smoothing, scale = (float)rule.scale;
  for (int64_t i = 0; i < bands; ++i) {
    const float kept = rule.first_frame ? keep * x[i] : tail->kept[i];
    means[i] = kept + gain * x[i];
    x[i] = (x[i] - means[i]) * scale;
  }
  for (int64_t frame = 1; frame < frames; ++frame) {
    float* row = x + frame * bands;
    for (int64_t i = 0; i < bands; ++i) {
      const float mean = keep * means[i] + gain * row[i];
      means[i] = mean;
      row[i] = (row[i] - mean) * scale;
    }
  }
}

// Adds the values `delay` earlier: y[i] += x[i - delay].
static void add_delayed(const float* x, int64_t count, int64_t delay, float* __restrict y) {
  for (int64_t i = delay; i < count; ++i) y[i] += x[i - delay];
}

static void copy_values(const float* x, int64_t count, float* __restrict y) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i];
}

// Sums of 1, 2, 4, 8 ... frames are each the sum of two shorter ones; those of the binary digits of the size add up.
static void subtract_sliding_means(const Tail* tail, float* x, int64_t frames, float* scratch) {
  const sonogram_tail& rule = tail->rule;
  const int64_t bands = tail->features, count = frames * bands, size = rule.before + 1;
  float *part = scratch, *longer = part + count, *total = longer + count;
  copy_values(x, count, part);
  int64_t done = 0;
  for (int64_t length = 1; done < size; length *= 2) {
    if (size & length) {
      if (done == 0) copy_values(part, count, total);
      else add_delayed(part, count, done * bands, total);
      done += length;
    }
    if (done < size) {
      copy_values(part, count, longer);
      add_delayed(part, count, length * bands, longer);
      float* shorter = part;
      part = longer, longer = shorter;
    }
  }
  const int64_t least = smaller(frames, rule.minimum_frames);
  for (int64_t frame = 0; frame < frames; ++frame) {
    // The rows before that of `least` have its sum.
    const float* sums = total + larger(frame, least - 1) * bands;
    const double number = (double)smaller(larger(frame + 1, least), size);
    float* row = x + frame * bands;
    for (int64_t i = 0; i < bands; ++i) row[i] = (float)((double)row[i] - (double)sums[i] / number);
  }
}

static void normalize_clip(const Tail* tail, float* x, int64_t frames, float* scratch) {
  switch (tail->rule.normalization) {
    case SONOGRAM_STANDARDIZE:
    case SONOGRAM_REMOVE_MEAN: return normalize_statistics(tail, x, frames, scratch);
    case SONOGRAM_MIN_MAX: return normalize_range(tail, x, frames);
    case SONOGRAM_RUNNING_MEAN: return subtract_running_means(tail, x, frames, scratch);
    case SONOGRAM_SLIDING_MEAN: return subtract_sliding_means(tail, x, frames, scratch);
    default:
      if (tail->rule.deltas != SONOGRAM_NO_DELTAS) normalize_frames(tail, x, frames);
  }
}

// Writes the rows of neighboring frames. Beyond the clip stand zeros, or its first and last frame.
static void stack_frames(const Tail* tail, const float* x, int64_t frames, int64_t rows, float* out) {
  const sonogram_tail& rule = tail->rule;
  const int64_t size = rule.stack_size, width = tail->features;
  for (int64_t row = 0; row < rows; ++row, out += tail->row) {
    const int64_t first = row * rule.stack_step - rule.stack_before;
    if (first >= 0 && first + size <= frames && !rule.stack_by_bands) {
      copy_values(x + first * width, size * width, out);
      continue;
    }
    for (int64_t k = 0; k < size; ++k) {
      const int64_t frame = smaller(larger(first + k, 0), frames - 1);
      const bool silent = frame != first + k && !rule.stack_repeats;
      const float* from = x + frame * width;
      const int64_t step = rule.stack_by_bands ? size : 1;
      float* to = out + (rule.stack_by_bands ? k : k * width);
      for (int64_t i = 0; i < width; ++i) to[i * step] = silent ? 0 : from[i];
    }
  }
}

// From frames, (frames, width), which are changed, to rows of features; both are the same place where neither
// derivatives nor a stack follow. At least one frame. W values beyond the end of `x` can be read.
static void finish_clip(const Tail* tail, float* x, int64_t frames, int64_t rows, float* out, float* scratch) {
  const bool stacks = tail->rule.stack_size > 0, derives = tail->rule.deltas != SONOGRAM_NO_DELTAS;
  float* features = x;
  if (derives) {
    features = stacks ? scratch : out;
    float* own = scratch + (stacks ? frames * tail->features + W : 0);
    add_deltas(tail, x, frames, features, own);
  }
  float* rest = scratch + (derives && stacks ? frames * tail->features + W : 0);
  normalize_clip(tail, features, frames, rest);
  if (stacks) stack_frames(tail, features, frames, rows, out);
}

}  // namespace sonogram::SONOGRAM_ISA
