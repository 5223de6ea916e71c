// Bins as sums over the samples of a frame, for transforms other than the Fourier transform: each bin has a
// kernel of its own length, at the rate of one of the levels of halving.h.
//
// Folding. The kernel w(n) exp(-i a n) of a symmetric window is w cos for the sums x[n] + x[-n] and -i w sin for
// the differences x[n] - x[-n]: sums and differences are made once for all bins of a level, and the products are
// half as many. Any other kernel is the sum of two such rows, the second with the real and the
// imaginary part exchanged.
//
// Constants. A kernel's sum is almost 0, so a constant or a slow wave gives a sum far below its terms, and their
// rounding would show. The sample at the center is therefore subtracted before the sums, and its product with the
// kernel's own sum is added. Differences need nothing.
//
// FOLDED_SAMPLES distances at a time are folded and multiplied with all kernels of the level, so that they stay in
// the first cache. Each such part of a sum is summed by itself first: the rounding error of a sum grows with
// its number of terms. A factor is loaded once for two groups of frames. Lanes are frames, so the bits of a frame
// do not depend on those computed with it.
#pragma once

#include "bins.h"
#include "columns.h"
#include "halving.h"

namespace sonogram::SONOGRAM_ISA {

constexpr int ROWS = ROWS_OF_BLOCK;

// Writes sums, less twice the center, and differences, (count, 2, GROUPS) vectors, of the samples at each distance
// from the center.
template <int GROUPS>
static void fold(const float* tiles, const float* center, const uint32_t* offsets, int64_t count, float* folded) {
  for (int64_t n = 0; n < count; ++n, folded += 2 * GROUPS * W)
    for (int group = 0; group < GROUPS; ++group) {
      const V after = load_unaligned(tiles + offsets[2 * n] + group * W);
      const V before = load_unaligned(tiles + offsets[2 * n + 1] + group * W);
      const V middle = load_unaligned(center + group * W);
      store(folded + group * W, (after - middle) + (before - middle));
      store(folded + (GROUPS + group) * W, after - before);
    }
}

// Adds the products of folded samples and the kernels of a block to their points, and with the first samples those
// of the center, which is null with all others.
template <int GROUPS>
static void multiply(const KernelBlock* block, const float* center, const float* folded, const float* factors,
                     int64_t count, float* z, int64_t pitch) {
  V sums[ROWS][GROUPS], differences[ROWS][GROUPS];
#pragma GCC unroll 3
  for (int row = 0; row < ROWS; ++row)
    for (int group = 0; group < GROUPS; ++group) {
      sums[row][group] = center ? splat(block->constants[row]) * load_unaligned(center + group * W) : splat(0);
      differences[row][group] = splat(0);
    }
  for (int64_t n = 0; n < count; ++n, folded += 2 * GROUPS * W, factors += 2 * ROWS) {
#pragma GCC unroll 3
    for (int row = 0; row < ROWS; ++row) {
      const V even = splat(factors[2 * row]), odd = splat(factors[2 * row + 1]);
#pragma GCC unroll 2
      for (int group = 0; group < GROUPS; ++group) {
        sums[row][group] = fma(even, load(folded + group * W), sums[row][group]);
        differences[row][group] = fma(odd, load(folded + (GROUPS + group) * W), differences[row][group]);
      }
    }
  }
#pragma GCC unroll 3
  for (int row = 0; row < ROWS; ++row)
    for (int group = 0; group < GROUPS; ++group) {
      float* p = z + group * pitch + block->points[row];
      const Complex x = {sums[row][group], differences[row][group]};
      store_point(p, load_point(p) + (block->exchanged[row] ? Complex{x.im, x.re} : x));
    }
}

// The bins of some groups of frames as points, those of the next group `pitch` floats later.
template <int GROUPS>
static void sum_groups(const Program* program, const float* tiles, float* z, int64_t pitch, float* folded) {
  for (int group = 0; group < GROUPS; ++group)
    for (int64_t k = 0; k < program->stored_points; ++k)
      store_point(z + group * pitch + k * (int64_t)POINT, {splat(0), splat(0)});
  for (const Level* level = program->levels; level < program->levels + program->num_levels; ++level)
    for (int64_t first = 0; first < level->taps; first += FOLDED_SAMPLES) {
      const float* center = tiles + level->offsets[0];
      fold<GROUPS>(tiles, center, level->offsets + 2 * first, smaller(level->taps - first, FOLDED_SAMPLES), folded);
      const KernelBlock *block = program->blocks + level->first_block, *stop = block + level->num_blocks;
      for (; block < stop && block->taps > first; ++block)
        multiply<GROUPS>(block, first == 0 ? center : nullptr, folded, block->factors + first * 2 * ROWS,
                         smaller(block->taps - first, FOLDED_SAMPLES), z, pitch);
    }
}

// The rows of a block of frames whose samples are in the first tile.
static void write_sums(const Program* program, int64_t rows, int64_t count, float* tiles, float* z, float* folded,
                       float* out, int64_t stride) {
  for (int32_t level = 1; level < program->num_levels; ++level) halve(program, program->levels + level, rows, tiles);
  const int64_t pitch = program->points_size / GROUPS_OF_SUMS;
  for (int64_t frame = 0; frame < count; frame += GROUPS_OF_SUMS * W) {
    const bool both = count - frame > W;
    if (both) sum_groups<GROUPS_OF_SUMS>(program, tiles + frame, z, pitch, folded);
    else sum_groups<1>(program, tiles + frame, z, pitch, folded);
    for (int group = 0; group <= (both ? 1 : 0); ++group) {
      const int64_t first = frame + group * W;
      float* points = z + group * pitch;
      with_output(program->definition.output, [&](auto output) { store_all_bins<output>(program, points); });
      write_columns(program, points, smaller(count - first, W), out + first * stride, stride);
    }
  }
}

}  // namespace sonogram::SONOGRAM_ISA
