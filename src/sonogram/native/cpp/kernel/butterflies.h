// Butterflies: transforms of length R with the kernel exp(-2 pi i k n / R), in place, in natural order.
//
// A transform of even length separates into the sums x[j] + x[j + R/2], which give the even outputs, and
// the differences, which give the odd ones. One of odd length uses x[j] and x[R - j], whose factors are
// conjugate: their sum meets only cosines and their difference only sines, which halves the products.
//
// Processors have as many units for additions as for fused multiply-adds, so a product that is fused
// with an addition costs nothing: factors are moved to where an addition follows. Inputs that the
// compiler can see to be 0 vanish (-fno-signed-zeros).
#pragma once

#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
// c + s a and c - s a for real s.
INLINE Complex fma(V s, Complex a, Complex c) { return {fma(s, a.re, c.re), fma(s, a.im, c.im)}; }
INLINE Complex fnma(V s, Complex a, Complex c) { return {fnma(s, a.re, c.re), fnma(s, a.im, c.im)}; }
// a - i b and a + i b.
INLINE Complex add_minus_i(Complex a, Complex b) { return {a.re + b.im, a.im - b.re}; }
INLINE Complex add_i(Complex a, Complex b) { return {a.re - b.im, a.im + b.re}; }

INLINE Complex times(Complex a, const float* w) {
  const V re = splat(w[0]), im = splat(w[1]);
  return {fnma(a.im, im, a.re * re), fma(a.re, im, a.im * re)};
}

// Sums and differences of the inputs low(j) and high(j). An odd radix leaves its first input alone.
template <int R>
struct Pairs {
  static constexpr int COUNT = R / 2, FIRST = R % 2;
  Complex first, sum[COUNT], difference[COUNT];

  static constexpr int low(int j) { return j + FIRST; }
  static constexpr int high(int j) { return FIRST ? R - 1 - j : j + COUNT; }
};

template <int R>
INLINE Pairs<R> pairs_of(const Complex* x) {
  Pairs<R> pairs;
  pairs.first = x[0];
#pragma GCC unroll 8
  for (int j = 0; j < R / 2; ++j) {
    const Complex a = x[Pairs<R>::low(j)], b = x[Pairs<R>::high(j)];
    pairs.sum[j] = a + b, pairs.difference[j] = a - b;
  }
  return pairs;
}

INLINE void transform_four(const Complex* x, Complex* y) {
  const Complex a = x[0] + x[2], b = x[0] - x[2], c = x[1] + x[3], d = x[1] - x[3];
  y[0] = a + c, y[1] = add_minus_i(b, d), y[2] = a - c, y[3] = add_i(b, d);
}

INLINE void butterfly(const Pairs<2>& p, Complex* x) { x[0] = p.sum[0], x[1] = p.difference[0]; }

INLINE void butterfly(const Pairs<3>& p, Complex* x) {
  const V half = splat(0.5f), sine = splat(0.866025403784438647f);
  const Complex middle = fnma(half, p.sum[0], p.first);
  const Complex turned = {sine * p.difference[0].re, sine * p.difference[0].im};
  x[0] = p.first + p.sum[0];
  x[1] = add_minus_i(middle, turned), x[2] = add_i(middle, turned);
}

INLINE void butterfly(const Pairs<4>& p, Complex* x) {
  const Complex *s = p.sum, *d = p.difference;
  x[0] = s[0] + s[1], x[1] = add_minus_i(d[0], d[1]), x[2] = s[0] - s[1], x[3] = add_i(d[0], d[1]);
}

INLINE void butterfly(const Pairs<5>& p, Complex* x) {
  const V c1 = splat(0.309016994374947424f), c2 = splat(-0.809016994374947424f);
  const V s1 = splat(0.951056516295153572f), s2 = splat(0.587785252292473129f);
  const Complex a = p.sum[0], b = p.sum[1], c = p.difference[0], d = p.difference[1];
  const Complex m1 = fma(c1, a, fma(c2, b, p.first)), m2 = fma(c2, a, fma(c1, b, p.first));
  const Complex n1 = fma(s2, d, Complex{s1 * c.re, s1 * c.im});
  const Complex n2 = fnma(s1, d, Complex{s2 * c.re, s2 * c.im});
  x[0] = p.first + a + b;
  x[1] = add_minus_i(m1, n1), x[4] = add_i(m1, n1);
  x[2] = add_minus_i(m2, n2), x[3] = add_i(m2, n2);
}

INLINE void butterfly(const Pairs<7>& p, Complex* x) {
  const V c1 = splat(0.623489801858733530f), c2 = splat(-0.222520933956314404f);
  const V c3 = splat(-0.900968867902419126f), s1 = splat(0.781831482468029808f);
  const V s2 = splat(0.974927912181823607f), s3 = splat(0.433883739117558120f);
  const Complex a = p.sum[0], b = p.sum[1], c = p.sum[2];
  const Complex d = p.difference[0], e = p.difference[1], f = p.difference[2];
  const Complex m1 = fma(c1, a, fma(c2, b, fma(c3, c, p.first)));
  const Complex m2 = fma(c2, a, fma(c3, b, fma(c1, c, p.first)));
  const Complex m3 = fma(c3, a, fma(c1, b, fma(c2, c, p.first)));
  const Complex n1 = fma(s3, f, fma(s2, e, Complex{s1 * d.re, s1 * d.im}));
  const Complex n2 = fnma(s1, f, fnma(s3, e, Complex{s2 * d.re, s2 * d.im}));
  const Complex n3 = fma(s2, f, fnma(s1, e, Complex{s3 * d.re, s3 * d.im}));
  x[0] = p.first + a + b + c;
  x[1] = add_minus_i(m1, n1), x[6] = add_i(m1, n1);
  x[2] = add_minus_i(m2, n2), x[5] = add_i(m2, n2);
  x[3] = add_minus_i(m3, n3), x[4] = add_i(m3, n3);
}

INLINE void butterfly(const Pairs<8>& p, Complex* x) {
  const V diagonal = splat(0.707106781186547524f);
  const Complex* odd = p.difference;
  Complex even[4];
  transform_four(p.sum, even);
  // The odd outputs are the transform of four of w^j odd[j], w = exp(-2 pi i / 8). Both w and w^3
  // have the factor d = sqrt(1/2), which waits for the last additions:
  // w o1 + w^3 o3 = d ((o1 - o3) - i (o1 + o3)), and w o1 - w^3 o3 = d ((o1 + o3) - i (o1 - o3)).
  const Complex s = odd[1] - odd[3], t = odd[1] + odd[3];
  const Complex a = add_minus_i(odd[0], odd[2]), b = add_i(odd[0], odd[2]);
  const Complex c = add_minus_i(s, t), d = {t.im - s.re, t.re + s.im};
  x[0] = even[0], x[2] = even[1], x[4] = even[2], x[6] = even[3];
  x[1] = fma(diagonal, c, a), x[5] = fnma(diagonal, c, a);
  x[3] = {fma(diagonal, d.re, b.re), fnma(diagonal, d.im, b.im)};
  x[7] = {fnma(diagonal, d.re, b.re), fma(diagonal, d.im, b.im)};
}

// In place.
template <int R>
INLINE void butterfly(Complex* x) {
  butterfly(pairs_of<R>(x), x);
}

}  // namespace sonogram::SONOGRAM_ISA
