// Tiles: the samples of a block, transposed, so that one load gives the same sample of W frames.
//
// Sample n of frame f is x[f step + n]: for neighboring frames these lie a step apart. The tile holds the
// polyphase components of the block one after the other: phase c is x[c], x[c + step], x[c + 2 step]...
// Sample n of the frames f, f + 1... then lies at phase n % step from row f + n / step on. Overlapping
// frames share their samples, so each sample is transposed once, however many frames see it.
#pragma once

#include "program.h"
#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

// The sum of term(x[i]) in float64, as eight partial sums, which fill vectors of any width.
template <class F>
INLINE double sum_of(const float* x, int64_t count, const F& term) {
  double p[8] = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; ++lane) p[lane] += term((double)x[i + lane]);
  double rest = 0;
  for (; i < count; ++i) rest += term((double)x[i]);
  return rest + (((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7])));
}

INLINE double sum(const float* x, int64_t count) {
  return sum_of(x, count, [](double value) { return value; });
}

// The sum of squares of the deviations from the mean.
INLINE double energy(const float* x, int64_t count, double mean) {
  return sum_of(x, count, [mean](double value) { return (value - mean) * (value - mean); });
}

// The mean of each frame. Whole steps are summed once for all frames that share them.
static void frame_means(const Program* program, const float* x, int64_t count, double* means) {
  const int64_t step = program->definition.frame_step, length = program->definition.frame_length;
  const int64_t reach = program->reach, last = length - reach * step;
  double* steps = means + count;
  if (reach > 0)
    for (int64_t row = 0; row < count - 1 + reach; ++row) steps[row] = sum(x + row * step, step);
  for (int64_t frame = 0; frame < count; ++frame) {
    double total = sum(x + (frame + reach) * step, last);
    for (int64_t i = 0; i < reach; ++i) total += steps[frame + i];
    means[frame] = total / (double)length;
  }
}

// y[n] = x[n] - c x[n - 1], computed as (x[n] - x[n - 1]) + (1 - c) x[n - 1]: the difference is exact for
// neighbors of similar size, so a constant leaves (1 - c) times itself, rounded once. `center_frames`
// subtracts the same number, and nothing remains.
INLINE V emphasized(const float* previous, V one_minus_coefficient) {
  const V x = load_unaligned(previous);
  return fma(one_minus_coefficient, x, load_unaligned(previous + 1) - x);
}

static void emphasize(const float* x, int64_t count, float one_minus_coefficient, float* y) {
  const V r = splat(one_minus_coefficient);
  y[0] = 0;
  int64_t i = 1;
  for (; i + W <= count; i += W) store_unaligned(y + i, emphasized(x + i - 1, r));
  if (i < count) {
    // The last samples as a full vector: all samples go through the same instructions.
    float tail[W + 1];
    for (int64_t k = 0; k < W + 1; ++k) tail[k] = i - 1 + k < count ? x[i - 1 + k] : 0;
    store_unaligned(y + i, emphasized(tail, r));
  }
}

static void fill_tile(const Program* program, const float* x, int64_t rows, float* tile) {
  const int64_t step = program->definition.frame_step, pitch = program->pitch;
  for (int64_t row = 0; row < rows; row += W)
    for (int64_t phase = 0; phase < program->phases; phase += W) {
      V block[W];
      load_columns(x + row * step + phase, step, block);
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) store(tile + (phase + i) * pitch + row, block[i]);
    }
}

}  // namespace sonogram::SONOGRAM_ISA
