// The small transforms that the passes are made of: exp(-2 pi i k n / R), in place, in order.
//
// They are written so that additions and fused products are about as many: processors have units
// for both. Inputs that the compiler knows to be 0 cost nothing (-fno-signed-zeros).
#pragma once

#include "vector.h"

namespace SONOGRAM_ISA {

INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
INLINE Complex minus_i(Complex a) { return {a.im, -a.re}; }
// c + s a, for a number s
INLINE Complex fma(V s, Complex a, Complex c) { return {fma(s, a.re, c.re), fma(s, a.im, c.im)}; }
INLINE Complex fnma(V s, Complex a, Complex c) { return {fnma(s, a.re, c.re), fnma(s, a.im, c.im)}; }
// a - i b and a + i b
INLINE Complex add_minus_i(Complex a, Complex b) { return {a.re + b.im, a.im - b.re}; }
INLINE Complex add_i(Complex a, Complex b) { return {a.re - b.im, a.im + b.re}; }

INLINE Complex times(Complex a, const float* w) {
  const V re = splat(w[0]), im = splat(w[1]);
  return {fnma(a.im, im, a.re * re), fma(a.re, im, a.im * re)};
}

template <int R>
struct Butterfly;

template <>
struct Butterfly<2> {
  INLINE void apply(Complex* x) {
    const Complex a = x[0], b = x[1];
    x[0] = a + b, x[1] = a - b;
  }
};

template <>
struct Butterfly<3> {
  INLINE void apply(Complex* x) {
    const V half = splat(0.5f), sine = splat(0.866025403784438647f);
    const Complex sum = x[1] + x[2], difference = x[1] - x[2];
    const Complex middle = fnma(half, sum, x[0]);
    const Complex turned = {sine * difference.re, sine * difference.im};
    x[0] = x[0] + sum;
    x[1] = add_minus_i(middle, turned), x[2] = add_i(middle, turned);
  }
};

template <>
struct Butterfly<4> {
  INLINE void apply(Complex* x) {
    const Complex a = x[0] + x[2], b = x[0] - x[2], c = x[1] + x[3], d = x[1] - x[3];
    x[0] = a + c, x[1] = add_minus_i(b, d), x[2] = a - c, x[3] = add_i(b, d);
  }
};

template <>
struct Butterfly<5> {
  INLINE void apply(Complex* x) {
    const V c1 = splat(0.309016994374947424f), c2 = splat(-0.809016994374947424f);
    const V s1 = splat(0.951056516295153572f), s2 = splat(0.587785252292473129f);
    const Complex a = x[1] + x[4], b = x[2] + x[3], c = x[1] - x[4], d = x[2] - x[3];
    const Complex m1 = fma(c1, a, fma(c2, b, x[0])), m2 = fma(c2, a, fma(c1, b, x[0]));
    const Complex n1 = fma(s2, d, Complex{s1 * c.re, s1 * c.im});
    const Complex n2 = fnma(s1, d, Complex{s2 * c.re, s2 * c.im});
    x[0] = x[0] + a + b;
    x[1] = add_minus_i(m1, n1), x[4] = add_i(m1, n1);
    x[2] = add_minus_i(m2, n2), x[3] = add_i(m2, n2);
  }
};

template <>
struct Butterfly<7> {
  INLINE void apply(Complex* x) {
    const V c1 = splat(0.623489801858733530f), c2 = splat(-0.222520933956314404f);
    const V c3 = splat(-0.900968867902419126f), s1 = splat(0.781831482468029808f);
    const V s2 = splat(0.974927912181823607f), s3 = splat(0.433883739117558120f);
    const Complex a = x[1] + x[6], b = x[2] + x[5], c = x[3] + x[4];
    const Complex d = x[1] - x[6], e = x[2] - x[5], f = x[3] - x[4];
    const Complex m1 = fma(c1, a, fma(c2, b, fma(c3, c, x[0])));
    const Complex m2 = fma(c2, a, fma(c3, b, fma(c1, c, x[0])));
    const Complex m3 = fma(c3, a, fma(c1, b, fma(c2, c, x[0])));
    const Complex n1 = fma(s3, f, fma(s2, e, Complex{s1 * d.re, s1 * d.im}));
    const Complex n2 = fnma(s1, f, fnma(s3, e, Complex{s2 * d.re, s2 * d.im}));
    const Complex n3 = fma(s2, f, fnma(s1, e, Complex{s3 * d.re, s3 * d.im}));
    x[0] = x[0] + a + b + c;
    x[1] = add_minus_i(m1, n1), x[6] = add_i(m1, n1);
    x[2] = add_minus_i(m2, n2), x[5] = add_i(m2, n2);
    x[3] = add_minus_i(m3, n3), x[4] = add_i(m3, n3);
  }
};

template <>
struct Butterfly<8> {
  INLINE void apply(Complex* x) {
    const V diagonal = splat(0.707106781186547524f);
    Complex even[4] = {x[0] + x[4], x[1] + x[5], x[2] + x[6], x[3] + x[7]};
    Complex odd[4] = {x[0] - x[4], x[1] - x[5], x[2] - x[6], x[3] - x[7]};
    Butterfly<4>::apply(even);
    // odd[j] is turned by j / 8 before its own transform of four; the factor of the two diagonals is
    // left to the last sums: w1 o1 + w3 o3 = diagonal ((o1 - o3) - i (o1 + o3)), and so on.
    const Complex p = odd[1] - odd[3], q = odd[1] + odd[3];
    const Complex a = add_minus_i(odd[0], odd[2]), b = add_i(odd[0], odd[2]);
    const Complex c = add_minus_i(p, q), d = {q.im - p.re, q.re + p.im};
    x[0] = even[0], x[2] = even[1], x[4] = even[2], x[6] = even[3];
    x[1] = fma(diagonal, c, a), x[5] = fnma(diagonal, c, a);
    x[3] = {fma(diagonal, d.re, b.re), fnma(diagonal, d.im, b.im)};
    x[7] = {fnma(diagonal, d.re, b.re), fma(diagonal, d.im, b.im)};
  }
};

}  // namespace SONOGRAM_ISA
