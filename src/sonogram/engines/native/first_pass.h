// The first pass: reads frames from the tile, centers and windows them on the way.
#pragma once

#include "transform.h"

namespace SONOGRAM_ISA {

// What is subtracted from every sample of a frame. Two steps, since one float32 mean is rounded.
struct Center {
  V mean, rest;
};

template <bool CENTER>
INLINE V sample(const float* tile, uint32_t place, float weight, const Center& center) {
  V x = load_unaligned(tile + place);
  if (CENTER) x = (x - center.mean) - center.rest;
  return x * splat(weight);
}

template <bool CENTER, bool ODD>
INLINE Complex leg_at(const float* tile, const Leg* leg, const Center& center) {
  const V re = sample<CENTER>(tile, leg->re, leg->re_weight, center);
  return {re, ODD ? splat(0) : sample<CENTER>(tile, leg->im, leg->im_weight, center)};
}

// `LEGS` of the R inputs are not 0.
template <int R, int LEGS, bool CENTER, bool ODD>
static void first_run(const Program* program, const Run* run, const float* tile, Center center,
                      float* z) {
  const size_t span = program->points / R;
  const Leg* legs = program->legs + (size_t)run->first * R;
  const float* twiddles = program->twiddles ? program->twiddles + 2 * (R - 1) * run->first : nullptr;
  z += run->first * POINT;
  for (int j = 0; j < run->count; ++j, z += POINT, legs += R) {
    Complex x[R];
#pragma GCC unroll 8
    for (int leg = 0; leg < R; ++leg) {
      if (leg < LEGS)
        x[leg] = leg_at<CENTER, ODD>(tile, legs + leg, center);
      else
        x[leg] = {splat(0), splat(0)};
    }
    Butterfly<R>::apply(x);
    store_legs<R>(z, span, x, twiddles);
    if (twiddles) twiddles += 2 * (R - 1);
  }
}

template <bool CENTER, bool ODD>
static void general_first(const Program* program, const float* tile, Center center, float* z,
                          float* spare) {
  const size_t radix = program->radix, span = program->points / radix;
  const Leg* legs = program->legs;
  for (size_t j = 0; j < span; ++j, legs += radix) {
    for (size_t leg = 0; leg < radix; ++leg)
      store_point(spare + leg * POINT, leg_at<CENTER, ODD>(tile, legs + leg, center));
    const float* twiddles = program->twiddles ? program->twiddles + 2 * (radix - 1) * j : nullptr;
    general_butterfly(spare, radix, program->roots, z + j * POINT, span, twiddles);
  }
}

template <bool CENTER, bool ODD>
static void first_pass(const Program* program, const float* tile, Center center, float* z,
                       float* spare) {
  for (const Run* run = program->runs; run < program->runs + program->num_runs; ++run) {
    switch (program->radix) {
      case 2: first_run<2, 2, CENTER, ODD>(program, run, tile, center, z); break;
      case 3: first_run<3, 3, CENTER, ODD>(program, run, tile, center, z); break;
      case 4: first_run<4, 4, CENTER, ODD>(program, run, tile, center, z); break;
      case 5: first_run<5, 5, CENTER, ODD>(program, run, tile, center, z); break;
      case 7: first_run<7, 7, CENTER, ODD>(program, run, tile, center, z); break;
      case 8:
        // Short windows in long transforms: what is 0 is neither read nor added.
        switch (run->legs) {
          case 1: case 2: case 3: case 4: first_run<8, 4, CENTER, ODD>(program, run, tile, center, z); break;
          case 5: first_run<8, 5, CENTER, ODD>(program, run, tile, center, z); break;
          case 6: first_run<8, 6, CENTER, ODD>(program, run, tile, center, z); break;
          case 7: first_run<8, 7, CENTER, ODD>(program, run, tile, center, z); break;
          default: first_run<8, 8, CENTER, ODD>(program, run, tile, center, z);
        }
        break;
      default: general_first<CENTER, ODD>(program, tile, center, z, spare); return;
    }
  }
}

}  // namespace SONOGRAM_ISA
