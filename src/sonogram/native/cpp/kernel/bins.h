// From the points of the transform to bins: what is kept of them stands in their place.
#pragma once


#include "transform.h"

namespace SONOGRAM_ISA {

INLINE V power(Complex x) { return fma(x.im, x.im, x.re * x.re); }

struct Detector {
  V floor, epsilon;

  explicit Detector(const Program* program)
      : floor(splat((float)program->definition.floor)),
        epsilon(splat((float)program->definition.epsilon)) {}
};

// Stores what is kept of a bin; a real value stands in place of the real part.
template <int OUTPUT>
INLINE void keep(const Detector& detector, float* p, Complex x) {
  if (OUTPUT == SONOGRAM_COMPLEX) return store_point(p, x);
  V y = power(x);
  if (OUTPUT == SONOGRAM_MAGNITUDE) y = root(at_least(y, detector.floor) + detector.epsilon);
  store(p, y);
}

// Two bins of a real transform from two points of the complex one of half the length, k and
// points - k: with E and O the transforms of the even and odd samples Z = E + i O and X[k] = E + w O.
template <int OUTPUT>
INLINE void keep_pair(const Detector& detector, float* low, float* high, Complex a, Complex b,
                      const float* w) {
  const Complex even = {a.re + b.re, a.im - b.im}, odd = {a.im + b.im, b.re - a.re};
  const Complex turned = times(odd, w);
  keep<OUTPUT>(detector, low, even + turned);
  keep<OUTPUT>(detector, high, {even.re - turned.re, turned.im - even.im});
}

// The pairs that no group of the last pass has made into bins, and the bins that are alone.
template <int OUTPUT>
static void split(const Program* program, float* z) {
  const Detector detector(program);
  const V two = splat(2);  // the window holds half of what it should, for the sums above
  const Complex first = load_point(z + program->positions[0]);
  keep<OUTPUT>(detector, z + program->positions[program->points],
               {two * (first.re - first.im), splat(0)});
  keep<OUTPUT>(detector, z + program->positions[0], {two * (first.re + first.im), splat(0)});
  const float* w = program->loose_twiddles;
  for (const Mirror* pair = program->loose; pair < program->loose + program->num_loose; ++pair, w += 2) {
    float *low = z + pair->low, *high = z + pair->high;
    keep_pair<OUTPUT>(detector, low, high, load_point(low), load_point(high), w);
  }
  if (program->points % 2 == 0) {
    float* middle = z + program->positions[program->points / 2];
    const Complex a = load_point(middle);
    keep<OUTPUT>(detector, middle, {two * a.re, -(two * a.im)});
  }
}

template <int OUTPUT>
static void whole(const Program* program, float* z) {
  const Detector detector(program);
  for (int64_t k = 0; k < program->bins; ++k) {
    float* p = z + program->positions[k];
    keep<OUTPUT>(detector, p, load_point(p));
  }
}

// The bins that are still points.
static void split_rest(const Program* program, float* z) {
  switch (program->definition.output) {
    case SONOGRAM_COMPLEX: return split<SONOGRAM_COMPLEX>(program, z);
    case SONOGRAM_POWER: return split<SONOGRAM_POWER>(program, z);
    default: return split<SONOGRAM_MAGNITUDE>(program, z);
  }
}

// The bins of a transform of full length.
static void detect(const Program* program, float* z) {
  switch (program->definition.output) {
    case SONOGRAM_COMPLEX: return whole<SONOGRAM_COMPLEX>(program, z);
    case SONOGRAM_POWER: return whole<SONOGRAM_POWER>(program, z);
    default: return whole<SONOGRAM_MAGNITUDE>(program, z);
  }
}

}  // namespace SONOGRAM_ISA
