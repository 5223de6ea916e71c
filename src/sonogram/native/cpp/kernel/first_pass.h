// The first pass: reads frames from the tile, subtracts their mean and applies the window on the way.
#pragma once

#include "transform.h"

namespace sonogram::SONOGRAM_ISA {

// The mean that is subtracted from every sample of a frame, as two numbers: float32 rounds the mean, and
// of a constant frame only the rounding error would remain.
struct Mean {
  V value, rest;
};

template <bool CENTER>
INLINE V sample_at(const float* tile, uint32_t offset, const Mean& mean) {
  const V x = load_unaligned(tile + offset);
  return CENTER ? (x - mean.value) - mean.rest : x;
}

template <bool CENTER, bool ODD>
INLINE Complex windowed_input(const float* tile, const ButterflyInput* input, const Mean& mean) {
  const V re = sample_at<CENTER>(tile, input->re, mean) * splat(input->re_weight);
  return {re, ODD ? splat(0) : sample_at<CENTER>(tile, input->im, mean) * splat(input->im_weight)};
}

// The sums and differences of windowed samples. Half of the window costs nothing: a + w x and a - w x are
// fused products. Only the first `INPUTS` of the R inputs can differ from 0.
template <int R, int INPUTS, bool CENTER, bool ODD>
struct WindowedInputs {
  const float* tile;
  const ButterflyInput* inputs;
  const Mean& mean;

  Complex first() const __attribute__((always_inline)) { return windowed_input<CENTER, ODD>(tile, inputs, mean); }
  Pair pair(int j) const __attribute__((always_inline)) {
    const Complex a = windowed_input<CENTER, ODD>(tile, inputs + low<R>(j), mean);
    if (high<R>(j) >= INPUTS) return {a, a};
    const ButterflyInput* input = inputs + high<R>(j);
    const V re = sample_at<CENTER>(tile, input->re, mean), re_weight = splat(input->re_weight);
    if (ODD) return {{fma(re, re_weight, a.re), splat(0)}, {fnma(re, re_weight, a.re), splat(0)}};
    const V im = sample_at<CENTER>(tile, input->im, mean), im_weight = splat(input->im_weight);
    return {{fma(re, re_weight, a.re), fma(im, im_weight, a.im)},
            {fnma(re, re_weight, a.re), fnma(im, im_weight, a.im)}};
  }
};

INLINE size_t smallest(size_t a, size_t b) { return a < b ? a : b; }

template <int R, int INPUTS, bool CENTER, bool ODD, bool TWIDDLES>
static void windowed_butterflies(const Program* program, const ButterflyRun* run, const float* tile,
                                 Mean mean, float* z) {
  const size_t leaf = program->leaf, gap = leaf > 1 ? POINT : 0;
  const size_t stride = program->points / R * POINT + program->points / R / leaf * gap;
  const ButterflyInput* inputs = program->inputs + (size_t)run->first * R;
  const float* twiddles = TWIDDLES ? program->twiddles + 2 * (R - 1) * run->first : nullptr;
  for (size_t j = run->first; j < (size_t)run->first + run->count;) {
    float* p = z + j * POINT + j / leaf * gap;
    const size_t stop = smallest(j / leaf * leaf + leaf, run->first + run->count);
    for (; j < stop; ++j, p += POINT, inputs += R) {
      butterfly(Constant<R>(), WindowedInputs<R, INPUTS, CENTER, ODD>{tile, inputs, mean},
                [&](int r, Complex x) { store_output<TWIDDLES>(p, stride, twiddles, r, x); });
      if (TWIDDLES) twiddles += 2 * (R - 1);
    }
  }
}

template <int R, int INPUTS, bool CENTER, bool ODD>
INLINE void first_run(const Program* program, const ButterflyRun* run, const float* tile, Mean mean,
                      float* z) {
  with_flag(program->twiddles, [&](auto twiddles) {
    windowed_butterflies<R, INPUTS, CENTER, ODD, twiddles>(program, run, tile, mean, z);
  });
}

template <bool CENTER, bool ODD>
static void general_first_pass(const Program* program, const float* tile, Mean mean, float* z,
                               float* spare) {
  const size_t radix = program->radix, span = program->points / radix, leaf = program->leaf;
  const size_t gap = leaf > 1 ? POINT : 0, stride = span * POINT + span / leaf * gap;
  const ButterflyInput* inputs = program->inputs;
  for (size_t j = 0; j < span; ++j, inputs += radix) {
    for (size_t l = 0; l < radix; ++l)
      store_point(spare + l * POINT, windowed_input<CENTER, ODD>(tile, inputs + l, mean));
    const float* twiddles = program->twiddles ? program->twiddles + 2 * (radix - 1) * j : nullptr;
    general_butterfly(spare, radix, program->roots, z + j * POINT + j / leaf * gap, stride, twiddles);
  }
}

template <bool CENTER>
INLINE void first_run_of_eight(const Program* program, const ButterflyRun* run, const float* tile,
                               Mean mean, float* z) {
  // A window that is shorter than the transform: its zeros are neither read nor added.
  switch (run->inputs) {
    case 4: return first_run<8, 4, CENTER, false>(program, run, tile, mean, z);
    case 5: return first_run<8, 5, CENTER, false>(program, run, tile, mean, z);
    case 6: return first_run<8, 6, CENTER, false>(program, run, tile, mean, z);
    case 7: return first_run<8, 7, CENTER, false>(program, run, tile, mean, z);
    default: return first_run<8, 8, CENTER, false>(program, run, tile, mean, z);
  }
}

template <bool CENTER, bool ODD>
static void first_pass(const Program* program, const float* tile, Mean mean, float* z, float* spare) {
  if (program->roots) return general_first_pass<CENTER, ODD>(program, tile, mean, z, spare);
  for (const ButterflyRun* run = program->runs; run < program->runs + program->num_runs; ++run)
    with_radix(program->radix, [&](auto radix) {
      if constexpr (radix % 2 == 1) first_run<radix, radix, CENTER, ODD>(program, run, tile, mean, z);
      else if constexpr (radix == 8 && !ODD) first_run_of_eight<CENTER>(program, run, tile, mean, z);
      else if constexpr (!ODD) first_run<radix, radix, CENTER, false>(program, run, tile, mean, z);
    });
}

}  // namespace sonogram::SONOGRAM_ISA
