// From the points of the transform to bins, in place.
//
// A real transform of length N = 2 M takes a complex one of M points: z[n] = x[2n] + i x[2n + 1]. With E
// and O the transforms of the even and of the odd samples, Z = E + i O. Both are transforms of real
// signals, so E[M - k] = conj E[k] and O[M - k] = conj O[k], and therefore
//
//   2 E[k] = Z[k] + conj Z[M - k],    2 O[k] = (Z[k] - conj Z[M - k]) / i,
//   X[k] = E[k] + w O[k],             X[M - k] = conj(E[k] - w O[k]),    w = exp(-2 pi i k / N).
//
// So the points k and M - k give the bins k and M - k and are replaced by them. The window carries the
// factor 1/2.
#pragma once

#include "transform.h"

namespace sonogram::SONOGRAM_ISA {

INLINE V power(Complex x) { return fma(x.im, x.im, x.re * x.re); }

// Calls f with the kind of output as a constant.
template <class F>
INLINE void with_output(int output, const F& f) {
  switch (output) {
    case SONOGRAM_COMPLEX: return f(Constant<SONOGRAM_COMPLEX>());
    case SONOGRAM_POWER: return f(Constant<SONOGRAM_POWER>());
    default: return f(Constant<SONOGRAM_MAGNITUDE>());
  }
}

struct MagnitudeLimits {
  V floor, epsilon;
};

INLINE MagnitudeLimits limits_of(const Program* program) {
  return {splat((float)program->definition.floor), splat((float)program->definition.epsilon)};
}

// Stores a bin as it is, its power or its magnitude; a real value takes the place of the real part.
template <int OUTPUT>
INLINE void store_bin(const MagnitudeLimits& limits, float* p, Complex x) {
  if (OUTPUT == SONOGRAM_COMPLEX) return store_point(p, x);
  V y = power(x);
  if (OUTPUT == SONOGRAM_MAGNITUDE) y = root(at_least(y, limits.floor) + limits.epsilon);
  store(p, y);
}

// Stores the bins k and M - k, of the points a = Z[k] and b = Z[M - k].
template <int OUTPUT>
INLINE void store_conjugate_bins(const MagnitudeLimits& limits, float* low, float* high, Complex a,
                                 Complex b, const float* w) {
  const Complex even = {a.re + b.re, a.im - b.im}, odd = {a.im + b.im, b.re - a.re};
  const Complex turned = times(odd, w);
  const Complex x = even - turned;
  store_bin<OUTPUT>(limits, low, even + turned);
  // Its power has no sign: written so, the compiler does not compute the negative of another difference first.
  store_bin<OUTPUT>(limits, high, OUTPUT == SONOGRAM_COMPLEX ? Complex{x.re, -x.im} : x);
}

// The bins that the pairs of butterflies leave (last_pass.h): pairs of points, and the points 0 and M / 2,
// which are their own conjugates. Point 0 holds the bins 0 and M: E[0] and O[0] are real, w is 1 or -1.
template <int OUTPUT>
static void store_remaining_bins(const Program* program, float* z) {
  const MagnitudeLimits limits = limits_of(program);
  const V two = splat(2);  // E and O here are half of those above
  const Complex first = load_point(z + program->bins[0]);
  store_bin<OUTPUT>(limits, z + program->bins[program->points], {two * (first.re - first.im), splat(0)});
  store_bin<OUTPUT>(limits, z + program->bins[0], {two * (first.re + first.im), splat(0)});
  const float* w = program->point_pair_twiddles;
  const ConjugatePair *pair = program->point_pairs, *stop = pair + program->num_point_pairs;
  for (; pair < stop; ++pair, w += 2) {
    float *low = z + pair->low, *high = z + pair->high;
    store_conjugate_bins<OUTPUT>(limits, low, high, load_point(low), load_point(high), w);
  }
  if (program->points % 2 == 0) {
    float* middle = z + program->bins[program->points / 2];
    const Complex a = load_point(middle);
    store_bin<OUTPUT>(limits, middle, {two * a.re, -(two * a.im)});
  }
}

// The bins of a transform of full length, which are its points.
template <int OUTPUT>
static void store_all_bins(const Program* program, float* z) {
  const MagnitudeLimits limits = limits_of(program);
  for (int64_t k = 0; k < program->num_bins; ++k) {
    float* p = z + program->bins[k];
    store_bin<OUTPUT>(limits, p, load_point(p));
  }
}

}  // namespace sonogram::SONOGRAM_ISA
