// Tiles: the samples of a block transposed, so that one load gives a sample of neighboring frames.
//
// Column c holds the samples c, c + step, c + 2 step... Sample n of the frames f, f + 1... is then
// column n % step from row f + n / step: frames that overlap share what is transposed once.
#pragma once

#include "program.h"
#include "vector.h"

namespace SONOGRAM_ISA {

typedef double Doubles __attribute__((vector_size(64)));
typedef float Floats __attribute__((vector_size(32), aligned(4), may_alias));

INLINE double across(Doubles x) {
  return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

INLINE double sum(const float* x, int64_t count) {
  Doubles total = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    total += __builtin_convertvector(*(const Floats*)(x + i), Doubles);
  double rest = 0;
  for (; i < count; ++i) rest += x[i];
  return rest + across(total);
}

INLINE double energy(const float* x, int64_t count, double mean) {
  Doubles total = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const Doubles y = __builtin_convertvector(*(const Floats*)(x + i), Doubles) - mean;
    total += y * y;
  }
  double rest = 0;
  for (; i < count; ++i) rest += (x[i] - mean) * (x[i] - mean);
  return rest + across(total);
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
