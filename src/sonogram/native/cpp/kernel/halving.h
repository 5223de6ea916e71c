// Samples at half the rate, again and again, for kernels of low notes (sums.h).
//
// y[n] = x[2n] / 2 + sum over j of c_j (x[2n - 2j + 1] + x[2n + 2j - 1]), a half-band filter: of the samples at an
// even distance only the center counts. c is the one of Lagrange, the flattest of its length; its factors are
// whole numbers divided by 2^20, so float32 holds them exactly. sonogram/engines/halving.py chooses how often.
//
// All is done in tiles (tile.h), frames in lanes: sample n of a frame at half the rate needs the samples around 2n
// of the same frame, whose phases are whole rows of the finer tile. A distance beyond the last phase is the
// first phase one row later. Samples at the edges of the first and the last frame of a block come from beyond
// the block and hold anything; the kernels are short enough never to use them.
#pragma once

#include "program.h"
#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

constexpr int HALF_BAND_PAIRS = 6;
constexpr float HALF_BAND[HALF_BAND_PAIRS] = {320166.0f / 1048576, -76230.0f / 1048576, 22869.0f / 1048576,
                                              -5445.0f / 1048576,  847.0f / 1048576,    -63.0f / 1048576};

// The row of sample n of the frames of a level, from frame 0 on.
INLINE const float* samples_at(const Program* program, const Level* level, const float* tiles, int64_t n) {
  int64_t row = n / level->step, phase = n % level->step;
  if (phase < 0) --row, phase += level->step;
  if (phase >= level->phases) phase = level->phases - 1;  // beyond the frame
  return tiles + level->tile + phase * program->pitch + row;
}

static void halve(const Program* program, const Level* level, int64_t rows, float* tiles) {
  const Level* finer = level - 1;
  for (int64_t phase = 0; phase < level->phases; ++phase) {
    const int64_t n = 2 * phase + level->first;
    const float *center = samples_at(program, finer, tiles, n), *before[HALF_BAND_PAIRS], *after[HALF_BAND_PAIRS];
    for (int j = 0; j < HALF_BAND_PAIRS; ++j) {
      before[j] = samples_at(program, finer, tiles, n - 2 * j - 1);
      after[j] = samples_at(program, finer, tiles, n + 2 * j + 1);
    }
    float* out = tiles + level->tile + phase * program->pitch;
    for (int64_t row = 0; row < rows; row += W) {
      V y = load_unaligned(center + row) * splat(0.5f);
#pragma GCC unroll 6
      for (int j = 0; j < HALF_BAND_PAIRS; ++j)
        y = fma(splat(HALF_BAND[j]), load_unaligned(before[j] + row) + load_unaligned(after[j] + row), y);
      store(out + row, y);
    }
  }
}

}  // namespace sonogram::SONOGRAM_ISA
