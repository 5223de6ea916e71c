// Tiles: the samples of a block transposed, so that one load gives a sample of neighboring frames.
//
// Column c holds the samples c, c + step, c + 2 step... Sample n of the frames f, f + 1... is then
// column n % step from row f + n / step: frames that overlap share what is transposed once.
#pragma once

#include "program.h"
#include "vector.h"

namespace SONOGRAM_ISA {

// Eight sums side by side: as many vectors of float64 as the instruction set makes of them.
struct Sums {
  double part[8] = {0, 0, 0, 0, 0, 0, 0, 0};

  INLINE double across(const Sums& x) {
    const double* p = x.part;
    return ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
  }
};

INLINE double sum(const float* x, int64_t count) {
  Sums total;
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; ++lane) total.part[lane] += (double)x[i + lane];
  double rest = 0;
  for (; i < count; ++i) rest += (double)x[i];
  return rest + Sums::across(total);
}

INLINE double energy(const float* x, int64_t count, double mean) {
  Sums total;
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; ++lane) {
      const double y = (double)x[i + lane] - mean;
      total.part[lane] += y * y;
    }
  double rest = 0;
  for (; i < count; ++i) rest += ((double)x[i] - mean) * ((double)x[i] - mean);
  return rest + Sums::across(total);
}

// The mean of each frame; whole steps are summed once.
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

// y[n] = x[n] - coefficient x[n - 1], as the difference plus a little of x[n - 1]: of a constant it
// leaves `rest` times the constant, rounded once, which is what `center_frames` takes off again.
INLINE V emphasized_at(const float* x, V rest) {
  const V before = load_unaligned(x);
  return fma(rest, before, load_unaligned(x + 1) - before);
}

static void emphasize(const float* x, int64_t count, float rest, float* y) {
  const V r = splat(rest);
  y[0] = 0;
  int64_t i = 1;
  for (; i + W <= count; i += W) store_unaligned(y + i, emphasized_at(x + i - 1, r));
  if (i < count) {
    // The last ones as a full vector: no sample may take another path.
    float tail[W + 1];
    for (int64_t k = 0; k < W + 1; ++k) tail[k] = i - 1 + k < count ? x[i - 1 + k] : 0;
    store_unaligned(y + i, emphasized_at(tail, r));
  }
}

static void fill_tile(const Program* program, const float* x, int64_t rows, float* tile) {
  const int64_t step = program->definition.frame_step, pitch = program->pitch;
  for (int64_t row = 0; row < rows; row += W)
    for (int64_t column = 0; column < program->columns; column += W) {
      V block[W];
      load_columns(x + row * step + column, step, block);
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) store(tile + (column + i) * pitch + row, block[i]);
    }
}

}  // namespace SONOGRAM_ISA
