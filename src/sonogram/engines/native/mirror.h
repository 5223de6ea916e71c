// The last two passes of a real transform, together with what makes its bins of them.
//
// Bins k and points - k need each other: the last pass runs for the group that holds the one and the
// group that holds the other at once, while both are in registers.
#pragma once

#include "bins.h"

namespace SONOGRAM_ISA {

// The pass before the last, in one leaf of A groups of B points.
template <int A, int B>
INLINE void leaf_pass(float* z, const float* twiddles) {
  if constexpr (A > 1) {
    butterfly_at<A, false>(z, B * POINT, nullptr);  // the first twiddles are 1
    for (size_t j = 1; j < B; ++j)
      butterfly_at<A, true>(z + j * POINT, B * POINT, twiddles + 2 * (A - 1) * j);
  }
}

// A group and its mirror image, in which bin t of the one faces bin t' of the other.
template <int B, int OUTPUT, bool SHIFTED>
INLINE void mirrored_groups(const Detector& detector, float* low, float* high, const float* w) {
  Complex x[B], y[B];
#pragma GCC unroll 8
  for (int t = 0; t < B; ++t) x[t] = load_point(low + t * POINT);
#pragma GCC unroll 8
  for (int t = 0; t < B; ++t) y[t] = load_point(high + t * POINT);
  butterfly<B>(x);
  butterfly<B>(y);
#pragma GCC unroll 8
  for (int t = 0; t < B; ++t) {
    const int facing = SHIFTED ? (B - t) % B : B - 1 - t;
    keep_pair<OUTPUT>(detector, low + t * POINT, high + facing * POINT, x[t], y[facing], w + 2 * t);
  }
}

template <int A, int B, int OUTPUT>
static void finish(const Program* program, float* z) {
  const Detector detector(program);
  for (const Fold* fold = program->folds; fold < program->folds + program->num_folds; ++fold) {
    for (int i = 0; i < fold->leaves; ++i) leaf_pass<A, B>(z + fold->place[i], program->leaf_twiddles);
    const float* w = program->mirror_twiddles + 2 * B * fold->first;
    const Mirror* mirror = program->mirrors + fold->first;
    for (const Mirror* stop = mirror + fold->count; mirror < stop; ++mirror, w += 2 * B) {
      float *low = z + mirror->low, *high = z + mirror->high;
      if (mirror->low == mirror->high) butterfly_at<B, false>(low, POINT, nullptr);
      else if (mirror->shifted) mirrored_groups<B, OUTPUT, true>(detector, low, high, w);
      else mirrored_groups<B, OUTPUT, false>(detector, low, high, w);
    }
  }
  split<OUTPUT>(program, z);
}

template <int A, int B>
static void finish_as(const Program* program, float* z) {
  switch (program->definition.output) {
    case SONOGRAM_COMPLEX: return finish<A, B, SONOGRAM_COMPLEX>(program, z);
    case SONOGRAM_POWER: return finish<A, B, SONOGRAM_POWER>(program, z);
    default: return finish<A, B, SONOGRAM_MAGNITUDE>(program, z);
  }
}

template <int A>
static void finish_leaves_of(const Program* program, float* z) {
  switch (program->last_radix) {
    case 2: return finish_as<A, 2>(program, z);
    case 3: return finish_as<A, 3>(program, z);
    case 4: return finish_as<A, 4>(program, z);
    case 5: return finish_as<A, 5>(program, z);
    case 7: return finish_as<A, 7>(program, z);
    default: return finish_as<A, 8>(program, z);
  }
}

static void finish_leaves(const Program* program, float* z) {
  switch (program->leaf / program->last_radix) {
    case 1: return finish_leaves_of<1>(program, z);
    case 2: return finish_leaves_of<2>(program, z);
    case 3: return finish_leaves_of<3>(program, z);
    case 4: return finish_leaves_of<4>(program, z);
    case 5: return finish_leaves_of<5>(program, z);
    case 7: return finish_leaves_of<7>(program, z);
    default: return finish_leaves_of<8>(program, z);
  }
}

}  // namespace SONOGRAM_ISA
