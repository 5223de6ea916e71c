// The last two passes of a transform of even length, and the bins made of their outputs.
//
// Bins k and M - k need each other (bins.h). The outputs of one butterfly of the last pass have their
// conjugates in one other butterfly: its outputs are the bins k0, k0 + M / B, k0 + 2 M / B..., and the
// negatives of these are again M / B apart. So the last pass computes both butterflies at once and makes
// the bins while the points are in registers, which saves one pass over memory.
#pragma once

#include "bins.h"

namespace sonogram::SONOGRAM_ISA {

// Two butterflies that hold each other's conjugate points, of which `w` are the factors.
template <int B, int OUTPUT, bool ROTATED>
INLINE void conjugate_butterflies(const MagnitudeLimits& limits, float* low, float* high, const float* w) {
  butterfly_at<B, false>(low, POINT, nullptr);
  butterfly(Constant<B>(), StridedInputs<B>{high, POINT}, [&](int t, Complex x) {
    const int partner = ROTATED ? (B - t) % B : B - 1 - t;
    float* p = low + partner * POINT;
    store_conjugate_bins<OUTPUT>(limits, p, high + t * POINT, load_point(p), x, w + 2 * partner);
  });
}

// The last pass of a pair of leaves. A butterfly that is its own partner waits for store_remaining_bins.
template <int B, int OUTPUT>
static void last_pass(const Program* program, const LeafPair* leaves, float* z) {
  const MagnitudeLimits limits = limits_of(program);
  const float* w = program->butterfly_pair_twiddles + 2 * B * leaves->first;
  const ConjugatePair* pair = program->butterfly_pairs + leaves->first;
  for (const ConjugatePair* stop = pair + leaves->count; pair < stop; ++pair, w += 2 * B) {
    float *low = z + pair->low, *high = z + pair->high;
    if (low == high) butterfly_at<B, false>(low, POINT, nullptr);
    else if (pair->rotated) conjugate_butterflies<B, OUTPUT, true>(limits, low, high, w);
    else conjugate_butterflies<B, OUTPUT, false>(limits, low, high, w);
  }
}

// Both passes of all leaves, pair by pair.
static void leaves_to_bins(const Program* program, float* z) {
  with_radix(program->last_radix, [&](auto last) {
    const LeafPair* stop = program->leaf_pairs + program->num_leaf_pairs;
    for (const LeafPair* leaves = program->leaf_pairs; leaves < stop; ++leaves) {
      for (int i = 0; i < leaves->leaves; ++i)
        first_leaf_pass<last>((int)program->leaf / last, z + leaves->offset[i], program->leaf_twiddles);
      with_output(program->definition.output,
                  [&](auto output) { last_pass<last, output>(program, leaves, z); });
    }
  });
}

// The bins of the points that all passes before the leaves have left.
static void points_to_bins(const Program* program, float* z) {
  if (program->leaf_pairs) leaves_to_bins(program, z);
  with_output(program->definition.output, [&](auto output) {
    if (program->odd_length) store_all_bins<output>(program, z);
    else store_remaining_bins<output>(program, z);
  });
}

}  // namespace sonogram::SONOGRAM_ISA
