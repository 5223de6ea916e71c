// The passes of the transform after the first, in place.
//
// One frame per lane. A point is a vector of real parts followed by a vector of imaginary parts, and lane
// i of both belongs to frame i of a group of 4, 8 or 16 frames. All lanes do the same transform at the
// same time, so that a butterfly is plain vertical arithmetic: no shuffles, no remainders, and any length
// is as convenient as a power of two. In exchange the working set is W times larger, so the order of the
// passes is chosen for the caches.
//
// Decimation in frequency. With N = R M, n = j + M l and k = R q + r,
//
//   X[R q + r] = sum_j exp(-2 pi i j q / M) [exp(-2 pi i j r / N) sum_l exp(-2 pi i l r / R) x[j + M l]].
//
// The brackets are butterfly j: a transform of length R of inputs that lie M points apart. Its output r,
// times the twiddle exp(-2 pi i j r / N), is stored in the place of input l = r. What remains are R
// independent transforms of M neighboring points: each pass divides the working set by its radix, until a
// sub-transform fits the cache. After the last pass bin k is at the place with its digits reversed.
// Nothing moves the bins: whoever reads them looks up Program::bins.
//
// Leaves. The last two passes of a sub-transform of A B points run together while it is in the first
// cache. Memory leaves a gap of one point after each leaf: without it the inputs of a butterfly would be
// a power of two apart and compete for the same few lines of the cache.
#pragma once

#include "butterflies.h"
#include "program.h"

namespace sonogram::SONOGRAM_ISA {

constexpr size_t POINT = 2 * W;  // floats of one complex point

// Calls f with the radix as a constant.
template <class F>
INLINE void with_radix(int radix, const F& f) {
  switch (radix) {
    case 2: return f(Constant<2>());
    case 3: return f(Constant<3>());
    case 4: return f(Constant<4>());
    case 5: return f(Constant<5>());
    case 7: return f(Constant<7>());
    default: return f(Constant<8>());
  }
}

INLINE Complex load_point(const float* p) { return {load(p), load(p + W)}; }
INLINE void store_point(float* p, Complex x) { store(p, x.re), store(p + W, x.im); }

// The inputs of a butterfly that lie `stride` floats apart.
template <int R>
struct StridedInputs {
  const float* z;
  size_t stride;

  Complex first() const __attribute__((always_inline)) { return load_point(z); }
  Pair pair(int j) const __attribute__((always_inline)) {
    const Complex a = in_registers(load_point(z + low<R>(j) * stride));
    const Complex b = in_registers(load_point(z + high<R>(j) * stride));
    return {a + b, a - b};
  }
};

// Stores output r, times its twiddle where it has one.
template <bool TWIDDLES>
INLINE void store_output(float* z, size_t stride, const float* twiddles, int r, Complex x) {
  store_point(z + r * stride, TWIDDLES && r > 0 ? times(x, twiddles + 2 * (r - 1)) : x);
}

template <int R, bool TWIDDLES>
INLINE void butterfly_at(float* z, size_t stride, const float* twiddles) {
  butterfly(Constant<R>(), StridedInputs<R>{z, stride},
            [&](int r, Complex x) { store_output<TWIDDLES>(z, stride, twiddles, r, x); });
}

// Calls f(inputs, stride, twiddles) for each butterfly of a pass over sub-transforms that are larger than a
// leaf: the inputs of a butterfly lie whole leaves apart.
template <class F>
INLINE void each_butterfly(const Pass* pass, size_t radix, float* z, const F& f) {
  const size_t leaf = pass->leaf, leaves = pass->span / leaf, gap = leaf > 1 ? POINT : 0;
  const size_t stride = leaves * (leaf * POINT + gap);
  z += pass->offset;
  for (int block = 0; block < pass->blocks; ++block, z += radix * stride) {
    const float* twiddles = pass->twiddles;
    float* p = z;
    for (size_t i = 0; i < leaves; ++i, p += gap)
      for (size_t j = 0; j < leaf; ++j, p += POINT) {
        f(p, stride, twiddles);
        if (twiddles) twiddles += 2 * (radix - 1);
      }
  }
}

template <int R>
static void written_pass(const Pass* pass, float* z) {
  each_butterfly(pass, R, z, [](float* p, size_t stride, const float* twiddles) {
    butterfly_at<R, true>(p, stride, twiddles);
  });
}

// The first pass of a leaf of A B points.
template <int A, int B>
static void leaf_pass(float* z, const float* twiddles) {
  butterfly_at<A, false>(z, B * POINT, nullptr);  // the twiddles of j = 0 are 1
  for (size_t j = 1; j < B; ++j)
    butterfly_at<A, true>(z + j * POINT, B * POINT, twiddles + 2 * (A - 1) * j);
}

// The same where A is known when it runs; a leaf with A = 1 has only its last pass.
template <int B>
INLINE void first_leaf_pass(int a, float* z, const float* twiddles) {
  if (a > 1) with_radix(a, [&](auto radix) { leaf_pass<radix, B>(z, twiddles); });
}

// Both passes of leaves, for transforms of odd length. Those of even length: see last_pass.h.
template <int A, int B>
static __attribute__((flatten)) void whole_leaves(const Pass* pass, float* z) {
  z += pass->offset;
  for (int block = 0; block < pass->blocks; ++block, z += (A * B + 1) * POINT) {
    if constexpr (A > 1) leaf_pass<A, B>(z, pass->twiddles);
    for (int i = 0; i < A; ++i) butterfly_at<B, false>(z + i * B * POINT, POINT, nullptr);
  }
}

static void run_leaves(const Pass* pass, float* z) {
  with_radix(pass->last_radix, [&](auto last) {
    if (pass->radix == 1) return whole_leaves<1, last>(pass, z);
    with_radix(pass->radix, [&](auto radix) {
      if constexpr (radix % 2 == 1 && last % 2 == 1) whole_leaves<radix, last>(pass, z);
    });
  });
}

// A butterfly of any odd radix by its definition, in pairs as in butterflies.h: O(radix^2), for the rare
// lengths with a prime factor above 7. `x` are the inputs, which are overwritten; `roots` are cosine and
// sine of 2 pi k / radix.
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
    int turn = 0;  // j k modulo the radix
    for (int j = 1; j <= half;) {
      // Partial sums of 16 terms: the rounding error of one long sum grows with its length.
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

static void general_pass(const Pass* pass, float* z, float* spare) {
  each_butterfly(pass, pass->radix, z, [&](float* p, size_t stride, const float* twiddles) {
    for (int r = 0; r < pass->radix; ++r) store_point(spare + r * POINT, load_point(p + r * stride));
    general_butterfly(spare, pass->radix, pass->roots, p, stride, twiddles);
  });
}

// All passes after the first, except those of the leaves of a transform of even length.
static void run_passes(const Program* program, float* z, float* spare) {
  for (const Pass* pass = program->passes; pass < program->passes + program->num_passes; ++pass) {
    if (pass->roots) general_pass(pass, z, spare);
    else if (pass->last_radix) run_leaves(pass, z);
    else with_radix(pass->radix, [&](auto radix) { written_pass<radix>(pass, z); });
  }
}

}  // namespace sonogram::SONOGRAM_ISA
