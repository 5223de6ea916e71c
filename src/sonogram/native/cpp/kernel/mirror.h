// The last two passes of a real transform, together with what makes its bins of them.
//
// Bins k and points - k need each other: the last pass runs for the group that holds the one and the
// group that holds the other at once, while both are in registers.
#pragma once

#include "bins.h"

namespace SONOGRAM_ISA {

// The pass before the last, in one leaf of A groups of B points.
template <int A, int B>
static void leaf_pass(float* z, const float* twiddles) {
  butterfly_at<A, false>(z, B * POINT, nullptr);  // the first twiddles are 1
  for (size_t j = 1; j < B; ++j)
    butterfly_at<A, true>(z + j * POINT, B * POINT, twiddles + 2 * (A - 1) * j);
}

template <int B>
static void leaf_pass_before(int first, float* z, const float* twiddles) {
  switch (first) {
    case 1: return;
    case 2: return leaf_pass<2, B>(z, twiddles);
    case 3: return leaf_pass<3, B>(z, twiddles);
    case 4: return leaf_pass<4, B>(z, twiddles);
    case 5: return leaf_pass<5, B>(z, twiddles);
    case 7: return leaf_pass<7, B>(z, twiddles);
    default: return leaf_pass<8, B>(z, twiddles);
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

// The last pass of the groups in `fold`.
template <int B, int OUTPUT>
static void fold_groups(const Program* program, const Fold* fold, float* z) {
  const Detector detector(program);
  const float* w = program->mirror_twiddles + 2 * B * fold->first;
  const Mirror* mirror = program->mirrors + fold->first;
  for (const Mirror* stop = mirror + fold->count; mirror < stop; ++mirror, w += 2 * B) {
    float *low = z + mirror->low, *high = z + mirror->high;
    if (low == high) butterfly_at<B, false>(low, POINT, nullptr);
    else if (mirror->shifted) mirrored_groups<B, OUTPUT, true>(detector, low, high, w);
    else mirrored_groups<B, OUTPUT, false>(detector, low, high, w);
  }
}

template <int B>
static void finish(const Program* program, float* z) {
  const int first = (int)program->leaf / B;
  for (const Fold* fold = program->folds; fold < program->folds + program->num_folds; ++fold) {
    for (int i = 0; i < fold->leaves; ++i)
      leaf_pass_before<B>(first, z + fold->place[i], program->leaf_twiddles);
    switch (program->definition.output) {
      case SONOGRAM_COMPLEX: fold_groups<B, SONOGRAM_COMPLEX>(program, fold, z); break;
      case SONOGRAM_POWER: fold_groups<B, SONOGRAM_POWER>(program, fold, z); break;
      default: fold_groups<B, SONOGRAM_MAGNITUDE>(program, fold, z);
    }
  }
}

// The passes of all leaves, and the bins.
static void finish_leaves(const Program* program, float* z) {
  switch (program->last_radix) {
    case 2: finish<2>(program, z); break;
    case 3: finish<3>(program, z); break;
    case 4: finish<4>(program, z); break;
    case 5: finish<5>(program, z); break;
    case 7: finish<7>(program, z); break;
    default: finish<8>(program, z);
  }
  split_rest(program, z);
}

}  // namespace SONOGRAM_ISA
