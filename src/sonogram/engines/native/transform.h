// The passes of the transform, in place: decimation in frequency, so that each pass leaves
// independent sub-transforms that fit ever nearer caches. The order of the bins is left as it falls;
// whoever reads them looks up where they lie.
#pragma once

#include "butterflies.h"
#include "program.h"

namespace SONOGRAM_ISA {

constexpr size_t POINT = 2 * W;  // floats of one complex point

INLINE Complex load_point(const float* p) { return {load(p), load(p + W)}; }
INLINE void store_point(float* p, Complex x) { store(p, x.re), store(p + W, x.im); }

// Stores the results of a butterfly, each times its twiddle.
template <int R>
INLINE void store_legs(float* z, size_t span, const Complex* x, const float* twiddles) {
  store_point(z, x[0]);
#pragma GCC unroll 8
  for (int leg = 1; leg < R; ++leg)
    store_point(z + leg * span * POINT, twiddles ? times(x[leg], twiddles + 2 * (leg - 1)) : x[leg]);
}

template <int R>
INLINE void butterfly_at(float* z, size_t span, const float* twiddles) {
  Complex x[R];
#pragma GCC unroll 8
  for (int leg = 0; leg < R; ++leg) x[leg] = load_point(z + leg * span * POINT);
  Butterfly<R>::apply(x);
  store_legs<R>(z, span, x, twiddles);
}

template <int R>
static void pass(const Step* step, float* z) {
  const size_t span = step->span;
  z += step->base * POINT;
  for (int block = 0; block < step->blocks; ++block, z += R * span * POINT) {
    butterfly_at<R>(z, span, nullptr);  // the first twiddles are 1
    const float* twiddles = step->twiddles + 2 * (R - 1);
    for (size_t j = 1; j < span; ++j, twiddles += 2 * (R - 1))
      butterfly_at<R>(z + j * POINT, span, twiddles);
  }
}

// A butterfly of any odd radix by its definition; pairs of inputs share their products.
// `x` are `radix` points, `roots` cosine and sine of 2 pi k / radix.
static void general_butterfly(float* x, int radix, const float* roots, float* z, size_t span,
                              const float* twiddles) {
  const int half = radix / 2;
  Complex total = load_point(x);
  const Complex origin = total;
  for (int j = 1; j <= half; ++j) {
    const Complex a = load_point(x + j * POINT), b = load_point(x + (radix - j) * POINT);
    total = total + (a + b);
    store_point(x + j * POINT, a + b);
    store_point(x + (radix - j) * POINT, a - b);
  }
  store_point(z, total);
  for (int k = 1; k <= half; ++k) {
    Complex even = origin, odd = {splat(0), splat(0)};
    int turn = 0;
    for (int j = 1; j <= half;) {
      // Sums of sums: the rounding of a long one would grow with its length.
      Complex c = {splat(0), splat(0)}, s = c;
      for (const int stop = j + 16 <= half ? j + 16 : half + 1; j < stop; ++j) {
        turn += k;
        if (turn >= radix) turn -= radix;
        c = fma(splat(roots[2 * turn]), load_point(x + j * POINT), c);
        s = fma(splat(roots[2 * turn + 1]), load_point(x + (radix - j) * POINT), s);
      }
      even = even + c, odd = odd + s;
    }
    const Complex low = add_minus_i(even, odd), high = add_i(even, odd);
    store_point(z + k * span * POINT, twiddles ? times(low, twiddles + 2 * (k - 1)) : low);
    store_point(z + (radix - k) * span * POINT,
                twiddles ? times(high, twiddles + 2 * (radix - k - 1)) : high);
  }
}

static void general_pass(const Step* step, const float* roots, float* z, float* spare) {
  const size_t span = step->span, radix = step->radix;
  z += step->base * POINT;
  for (int block = 0; block < step->blocks; ++block, z += radix * span * POINT)
    for (size_t j = 0; j < span; ++j) {
      for (size_t leg = 0; leg < radix; ++leg)
        store_point(spare + leg * POINT, load_point(z + (j + leg * span) * POINT));
      const float* twiddles = step->twiddles ? step->twiddles + 2 * (radix - 1) * j : nullptr;
      general_butterfly(spare, radix, roots, z + j * POINT, span, twiddles);
    }
}

// All passes after the first.
static void transform(const Program* program, float* z, float* spare) {
  for (int i = 0; i < program->num_steps; ++i) {
    const Step* step = program->steps + i;
    switch (step->radix) {
      case 2: pass<2>(step, z); break;
      case 3: pass<3>(step, z); break;
      case 4: pass<4>(step, z); break;
      case 5: pass<5>(step, z); break;
      case 7: pass<7>(step, z); break;
      case 8: pass<8>(step, z); break;
      default: general_pass(step, program->step_roots[i], z, spare);
    }
  }
}

}  // namespace SONOGRAM_ISA
