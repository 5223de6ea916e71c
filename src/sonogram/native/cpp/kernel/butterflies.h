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

INLINE Complex in_registers(Complex a) { return {in_register(a.re), in_register(a.im)}; }
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

// Sum and difference of the inputs low<R>(j) and high<R>(j). An odd radix leaves its first input alone.
struct Pair {
  Complex sum, difference;
};

template <int R>
constexpr int low(int j) {
  return j + R % 2;
}
template <int R>
constexpr int high(int j) {
  return R % 2 ? R - 1 - j : j + R / 2;
}

// Each butterfly takes `in`, with the methods first() and pair(j), and calls out(r, x) with each output r. It takes
// all inputs before it passes on the first output, so it can work in place. Sixteen registers hold eight points and
// nothing more, so pairs are combined as soon as they are there, and outputs are stored as soon as they are complete.
template <class In, class Out>
INLINE void butterfly(Constant<2>, const In& in, const Out& out) {
  const Pair p = in.pair(0);
  out(0, p.sum), out(1, p.difference);
}

template <class In, class Out>
INLINE void butterfly(Constant<3>, const In& in, const Out& out) {
  const V half = splat(0.5f), sine = splat(0.866025403784438647f);
  const Complex first = in.first();
  const Pair p = in.pair(0);
  const Complex middle = fnma(half, p.sum, first);
  const Complex turned = {sine * p.difference.re, sine * p.difference.im};
  out(0, first + p.sum);
  out(1, add_minus_i(middle, turned)), out(2, add_i(middle, turned));
}

template <class In, class Out>
INLINE void butterfly(Constant<4>, const In& in, const Out& out) {
  const Pair p = in.pair(0), q = in.pair(1);
  out(0, p.sum + q.sum), out(2, p.sum - q.sum);
  out(1, add_minus_i(p.difference, q.difference)), out(3, add_i(p.difference, q.difference));
}

template <class In, class Out>
INLINE void butterfly(Constant<5>, const In& in, const Out& out) {
  const V c1 = splat(0.309016994374947424f), c2 = splat(-0.809016994374947424f);
  const V s1 = splat(0.951056516295153572f), s2 = splat(0.587785252292473129f);
  const Complex first = in.first();
  const Pair p = in.pair(0), q = in.pair(1);
  const Complex a = p.sum, b = q.sum, c = p.difference, d = q.difference;
  out(0, first + a + b);
  const Complex m1 = fma(c1, a, fma(c2, b, first));
  const Complex n1 = fma(s2, d, Complex{s1 * c.re, s1 * c.im});
  out(1, add_minus_i(m1, n1)), out(4, add_i(m1, n1));
  const Complex m2 = fma(c2, a, fma(c1, b, first));
  const Complex n2 = fnma(s1, d, Complex{s2 * c.re, s2 * c.im});
  out(2, add_minus_i(m2, n2)), out(3, add_i(m2, n2));
}

template <class In, class Out>
INLINE void butterfly(Constant<7>, const In& in, const Out& out) {
  const V c1 = splat(0.623489801858733530f), c2 = splat(-0.222520933956314404f);
  const V c3 = splat(-0.900968867902419126f), s1 = splat(0.781831482468029808f);
  const V s2 = splat(0.974927912181823607f), s3 = splat(0.433883739117558120f);
  const Complex first = in.first();
  const Pair p = in.pair(0), q = in.pair(1), r = in.pair(2);
  const Complex a = p.sum, b = q.sum, c = r.sum, d = p.difference, e = q.difference, f = r.difference;
  out(0, first + a + b + c);
  const Complex m1 = fma(c1, a, fma(c2, b, fma(c3, c, first)));
  const Complex n1 = fma(s3, f, fma(s2, e, Complex{s1 * d.re, s1 * d.im}));
  out(1, add_minus_i(m1, n1)), out(6, add_i(m1, n1));
  const Complex m2 = fma(c2, a, fma(c3, b, fma(c1, c, first)));
  const Complex n2 = fnma(s1, f, fnma(s3, e, Complex{s2 * d.re, s2 * d.im}));
  out(2, add_minus_i(m2, n2)), out(5, add_i(m2, n2));
  const Complex m3 = fma(c3, a, fma(c1, b, fma(c2, c, first)));
  const Complex n3 = fma(s2, f, fnma(s1, e, Complex{s3 * d.re, s3 * d.im}));
  out(3, add_minus_i(m3, n3)), out(4, add_i(m3, n3));
}

// The odd outputs are the transform of four of w^j odd[j], with the differences odd[j] and w = exp(-2 pi i / 8).
// Both w and w^3 have the factor d = sqrt(1/2), which waits for the last additions:
// w o1 + w^3 o3 = d ((o1 - o3) - i (o1 + o3)), and w o1 - w^3 o3 = d ((o1 + o3) - i (o1 - o3)).
template <class In, class Out>
INLINE void butterfly(Constant<8>, const In& in, const Out& out) {
  const V diagonal = splat(0.707106781186547524f);
  const Pair p = in.pair(0), q = in.pair(2);
  const Complex a = p.sum + q.sum, b = p.sum - q.sum;
  const Complex c = add_minus_i(p.difference, q.difference), d = add_i(p.difference, q.difference);
  const Pair r = in.pair(1), u = in.pair(3);
  const Complex e = r.sum + u.sum, f = r.sum - u.sum;
  out(0, a + e), out(4, a - e);
  out(2, add_minus_i(b, f)), out(6, add_i(b, f));
  const Complex s = r.difference - u.difference, t = r.difference + u.difference;
  const Complex g = add_minus_i(s, t), h = {t.im - s.re, t.re + s.im};
  out(1, fma(diagonal, g, c)), out(5, fnma(diagonal, g, c));
  out(3, Complex{fma(diagonal, h.re, d.re), fnma(diagonal, h.im, d.im)});
  out(7, Complex{fnma(diagonal, h.re, d.re), fma(diagonal, h.im, d.im)});
}

}  // namespace sonogram::SONOGRAM_ISA
