// The first pass: reads frames from the tile, centers and windows them on the way.
#pragma once

#include "transform.h"

namespace SONOGRAM_ISA {

// What is subtracted from every sample of a frame. Two steps, since one float32 mean is rounded.
struct Center {
  V mean, rest;
};

template <bool CENTER>
INLINE V sample(const float* tile, uint32_t place, const Center& center) {
  const V x = load_unaligned(tile + place);
  return CENTER ? (x - center.mean) - center.rest : x;
}

template <bool CENTER, bool ODD>
INLINE Complex leg_at(const float* tile, const Leg* leg, const Center& center) {
  const V re = sample<CENTER>(tile, leg->re, center) * splat(leg->re_weight);
  return {re, ODD ? splat(0) : sample<CENTER>(tile, leg->im, center) * splat(leg->im_weight)};
}

// The sums and differences of windowed samples: the window is part of the fused products.
// `LEGS` of the R inputs are not 0.
template <int R, int LEGS, bool CENTER, bool ODD>
INLINE Pairs<R> windowed_pairs(const float* tile, const Leg* legs, const Center& center) {
  Pairs<R> pairs;
  if (R % 2) pairs.first = leg_at<CENTER, ODD>(tile, legs, center);
#pragma GCC unroll 8
  for (int j = 0; j < R / 2; ++j) {
    const Complex a = leg_at<CENTER, ODD>(tile, legs + Pairs<R>::low(j), center);
    const Leg* leg = legs + Pairs<R>::high(j);
    if (Pairs<R>::high(j) >= LEGS) {
      pairs.sum[j] = pairs.difference[j] = a;
      continue;
    }
    const V re = sample<CENTER>(tile, leg->re, center), re_weight = splat(leg->re_weight);
    pairs.sum[j].re = fma(re, re_weight, a.re), pairs.difference[j].re = fnma(re, re_weight, a.re);
    if (ODD) {
      pairs.sum[j].im = pairs.difference[j].im = splat(0);
      continue;
    }
    const V im = sample<CENTER>(tile, leg->im, center), im_weight = splat(leg->im_weight);
    pairs.sum[j].im = fma(im, im_weight, a.im), pairs.difference[j].im = fnma(im, im_weight, a.im);
  }
  return pairs;
}

INLINE size_t smallest(size_t a, size_t b) { return a < b ? a : b; }

// `LEGS` of the R inputs are not 0.
template <int R, int LEGS, bool CENTER, bool ODD, bool TURN>
static void first_run(const Program* program, const Run* run, const float* tile, Center center,
                      float* z) {
  const size_t leaf = program->leaf, gap = leaf > 1 ? POINT : 0;
  const size_t stride = program->points / R * POINT + program->points / R / leaf * gap;
  const Leg* legs = program->legs + (size_t)run->first * R;
  const float* twiddles = TURN ? program->twiddles + 2 * (R - 1) * run->first : nullptr;
  for (size_t j = run->first; j < (size_t)run->first + run->count;) {
    float* p = z + j * POINT + j / leaf * gap;
    const size_t stop = smallest(j / leaf * leaf + leaf, run->first + run->count);
    for (; j < stop; ++j, p += POINT, legs += R) {
      Complex x[R];
      butterfly(windowed_pairs<R, LEGS, CENTER, ODD>(tile, legs, center), x);
      store_legs<R, TURN>(p, stride, x, twiddles);
      if (TURN) twiddles += 2 * (R - 1);
    }
  }
}

template <int R, int LEGS, bool CENTER, bool ODD>
INLINE void first(const Program* program, const Run* run, const float* tile, Center center, float* z) {
  if (program->twiddles) first_run<R, LEGS, CENTER, ODD, true>(program, run, tile, center, z);
  else first_run<R, LEGS, CENTER, ODD, false>(program, run, tile, center, z);
}

template <bool CENTER, bool ODD>
static void general_first(const Program* program, const float* tile, Center center, float* z,
                          float* spare) {
  const size_t radix = program->radix, span = program->points / radix, leaf = program->leaf;
  const size_t gap = leaf > 1 ? POINT : 0, stride = span * POINT + span / leaf * gap;
  const Leg* legs = program->legs;
  for (size_t j = 0; j < span; ++j, legs += radix) {
    for (size_t leg = 0; leg < radix; ++leg)
      store_point(spare + leg * POINT, leg_at<CENTER, ODD>(tile, legs + leg, center));
    const float* twiddles = program->twiddles ? program->twiddles + 2 * (radix - 1) * j : nullptr;
    general_butterfly(spare, radix, program->roots, z + j * POINT + j / leaf * gap, stride, twiddles);
  }
}

template <bool CENTER>
INLINE void first_even_run(const Program* program, const Run* run, const float* tile, Center center,
                           float* z) {
  if (program->radix == 2) return first<2, 2, CENTER, false>(program, run, tile, center, z);
  if (program->radix == 4) return first<4, 4, CENTER, false>(program, run, tile, center, z);
  // Short windows in long transforms: what is 0 is neither read nor added.
  switch (run->legs) {
    case 4: return first<8, 4, CENTER, false>(program, run, tile, center, z);
    case 5: return first<8, 5, CENTER, false>(program, run, tile, center, z);
    case 6: return first<8, 6, CENTER, false>(program, run, tile, center, z);
    case 7: return first<8, 7, CENTER, false>(program, run, tile, center, z);
    default: return first<8, 8, CENTER, false>(program, run, tile, center, z);
  }
}

template <bool CENTER, bool ODD>
static void first_pass(const Program* program, const float* tile, Center center, float* z,
                       float* spare) {
  for (const Run* run = program->runs; run < program->runs + program->num_runs; ++run) {
    switch (program->radix) {
      case 3: first<3, 3, CENTER, ODD>(program, run, tile, center, z); break;
      case 5: first<5, 5, CENTER, ODD>(program, run, tile, center, z); break;
      case 7: first<7, 7, CENTER, ODD>(program, run, tile, center, z); break;
      case 2:
      case 4:
      case 8:
        if constexpr (!ODD) first_even_run<CENTER>(program, run, tile, center, z);
        break;
      default: general_first<CENTER, ODD>(program, tile, center, z, spare); return;
    }
  }
}

}  // namespace SONOGRAM_ISA
