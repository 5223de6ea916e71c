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
template <int R, bool TURN>
INLINE void store_legs(float* z, size_t stride, const Complex* x, const float* twiddles) {
  store_point(z, x[0]);
#pragma GCC unroll 8
  for (int leg = 1; leg < R; ++leg)
    store_point(z + leg * stride, TURN ? times(x[leg], twiddles + 2 * (leg - 1)) : x[leg]);
}

template <int R, bool TURN>
INLINE void butterfly_at(float* z, size_t stride, const float* twiddles) {
  Complex x[R];
#pragma GCC unroll 8
  for (int leg = 0; leg < R; ++leg) x[leg] = load_point(z + leg * stride);
  butterfly<R>(x);
  store_legs<R, TURN>(z, stride, x, twiddles);
}

// One pass whose sub-transforms are larger than a leaf: the points of each leg lie in whole leaves.
template <int R>
static void pass(const Step* step, float* z) {
  const size_t leaf = step->leaf, leaves = step->span / leaf;
  const size_t stride = leaves * (leaf + 1) * POINT;
  z += step->place;
  for (int block = 0; block < step->blocks; ++block, z += R * stride) {
    const float* twiddles = step->twiddles;
    float* p = z;
    for (size_t i = 0; i < leaves; ++i, p += POINT)
      for (size_t j = 0; j < leaf; ++j, p += POINT, twiddles += 2 * (R - 1))
        butterfly_at<R, true>(p, stride, twiddles);
  }
}

// A leaf is a whole transform of A B neighboring points: two passes while they are in the first cache.
// Only transforms of odd length come here: those of even length make bins of their last pass, see
// mirror.h.
template <int A, int B>
static void leaf(const Step* step, float* z) {
  z += step->place;
  for (int block = 0; block < step->blocks; ++block, z += (A * B + 1) * POINT) {
    if constexpr (A > 1) {
      butterfly_at<A, false>(z, B * POINT, nullptr);  // the first twiddles are 1
      for (size_t j = 1; j < B; ++j)
        butterfly_at<A, true>(z + j * POINT, B * POINT, step->twiddles + 2 * (A - 1) * j);
    }
    for (size_t i = 0; i < A; ++i) butterfly_at<B, false>(z + i * B * POINT, POINT, nullptr);
  }
}

template <int A>
static void leaf_of(const Step* step, float* z) {
  switch (step->last) {
    case 3: return leaf<A, 3>(step, z);
    case 5: return leaf<A, 5>(step, z);
    default: return leaf<A, 7>(step, z);
  }
}

// A butterfly of any odd radix by its definition; pairs of inputs share their products.
// `x` are `radix` points, `roots` cosine and sine of 2 pi k / radix.
static void general_butterfly(float* x, int radix, const float* roots, float* z, size_t stride,
                              const float* twiddles) {
  const int half = radix / 2;
  const Complex origin = load_point(x);
  Complex total = origin;
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
    store_point(z + k * stride, twiddles ? times(low, twiddles + 2 * (k - 1)) : low);
    store_point(z + (radix - k) * stride, twiddles ? times(high, twiddles + 2 * (radix - k - 1)) : high);
  }
}

static void general_pass(const Step* step, float* z, float* spare) {
  const size_t radix = step->radix, leaf = step->leaf, leaves = step->span / leaf;
  const size_t gap = leaf > 1 ? POINT : 0, stride = leaves * (leaf * POINT + gap);
  z += step->place;
  for (int block = 0; block < step->blocks; ++block, z += radix * stride) {
    const float* twiddles = step->twiddles;
    float* p = z;
    for (size_t i = 0; i < leaves; ++i, p += gap)
      for (size_t j = 0; j < leaf; ++j, p += POINT) {
        for (size_t leg = 0; leg < radix; ++leg)
          store_point(spare + leg * POINT, load_point(p + leg * stride));
        general_butterfly(spare, radix, step->roots, p, stride, twiddles);
        if (twiddles) twiddles += 2 * (radix - 1);
      }
  }
}

static void run_pass(const Step* step, float* z) {
  switch (step->radix) {
    case 2: return pass<2>(step, z);
    case 3: return pass<3>(step, z);
    case 4: return pass<4>(step, z);
    case 5: return pass<5>(step, z);
    case 7: return pass<7>(step, z);
    default: return pass<8>(step, z);
  }
}

static void run_leaf(const Step* step, float* z) {
  switch (step->radix) {
    case 1: return leaf_of<1>(step, z);
    case 3: return leaf_of<3>(step, z);
    case 5: return leaf_of<5>(step, z);
    default: return leaf_of<7>(step, z);
  }
}

// The passes between the first and what `finish_leaves` does, or all of them.
static void transform(const Program* program, float* z, float* spare) {
  for (const Step* step = program->steps; step < program->steps + program->num_steps; ++step) {
    if (step->roots) general_pass(step, z, spare);
    else if (step->last) run_leaf(step, z);
    else run_pass(step, z);
  }
}

}  // namespace SONOGRAM_ISA
