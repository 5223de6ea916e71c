// The logarithm of a vector, times a factor, plus a shift.
//
// With x = 2^e m and a table of numbers c near 1 / m, r = c m - 1 is small, and
//
//   log x = e log 2 - log c + log(1 + r).
//
// fma(c, m, -1) gives r with one rounding, so the only error of this reduction is that of the tabled
// -log c. Factor and shift are part of the constants: of log 2 and of the table.
#pragma once

#include "program.h"
#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

typedef uint32_t U __attribute__((vector_size(4 * W)));

struct Logarithm {
  V factor, octave;  // octave = factor * log 2
  V inverse, value;  // tables of c and of shift - factor * log c
};

INLINE Logarithm logarithm_of(const Program* program) {
  Logarithm log = {splat(program->log_factor), splat(program->log_octave), splat(0), splat(0)};
#if SONOGRAM_LANES == 16 || SONOGRAM_LANES == 8
  log.inverse = load_unaligned(program->log_inverse);
  log.value = load_unaligned(program->log_value);
#else
  log.value = splat(program->log_value[0]);
#endif
  return log;
}

// log(1 + r) for |r| <= 1/16 as r + r^2 Q(r). Q is the polynomial of degree 3 with the least largest
// relative error (Remez exchange): 1e-8, a sixth of float32's half unit in the last place. It is relative
// to the result, so logarithms near 0 keep all of their digits.
INLINE V log_near_one(V r) {
  V q = fma(splat(0.20092542469501495f), r, splat(-0.2508120536804199f));
  q = fma(q, r, splat(0.3333319127559662f));
  q = fma(q, r, splat(-0.4999992251396179f));
  return fma(q, r * r, r);
}

#if SONOGRAM_LANES == 16

// Sixteen intervals of m in [1, 2), selected by its first four bits. The two next to a power of two have
// c = 1 and c = 1/2 exactly: then -log c + e log 2 is 0 on both sides of x = 1 and cancels nothing.
// getexp and getmant are right for 0, infinity, NaN and subnormal numbers.
INLINE V logarithm(V x, const Logarithm& log) {
  const V e = (V)_mm512_getexp_ps((__m512)x);
  const __m512 m = _mm512_getmant_ps((__m512)x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_nan);
  const __m512i interval = _mm512_srli_epi32((__m512i)m, 19);
  const V c = (V)_mm512_permutexvar_ps(interval, (__m512)log.inverse);
  const V value = (V)_mm512_permutexvar_ps(interval, (__m512)log.value);
  const V r = fma((V)m, c, splat(-1));
  return fma(log_near_one(r), log.factor, fma(e, log.octave, value));
}

#elif SONOGRAM_LANES == 8

// Eight intervals of m in [0.72, 1.44), as many as a vector has lanes. The interval around 1 has c = 1,
// for the same reason as above. Subtracting the bits of 0.72 first moves the boundary of e there.
INLINE V logarithm(V x, const Logarithm& log) {
  constexpr int32_t lowest = 0x3f380000;
  const I bits = (I)x - lowest;
  const V e = __builtin_convertvector(bits >> 23, V);
  const V m = (V)((bits & 0x007fffff) + lowest);
  const __m256i interval = (__m256i)(bits >> 20);
  const V c = (V)_mm256_permutevar8x32_ps((__m256)log.inverse, interval);
  const V value = (V)_mm256_permutevar8x32_ps((__m256)log.value, interval);
  const V r = fma(m, c, splat(-1));
  return fma(log_near_one(r), log.factor, fma(e, log.octave, value));
}

#else

// Four lanes have no permutation for a table: m in [sqrt(1/2), sqrt(2)), r = m - 1, and
// log m = r - r^2 / 2 + r^3 P(r) with the polynomial of logf in Cephes (S. Moshier), whose relative
// error is 4e-9.
INLINE V logarithm(V x, const Logarithm& log) {
  constexpr int32_t lowest = 0x3f3504f3;
  const I bits = (I)x - lowest;
  const V e = __builtin_convertvector(bits >> 23, V);
  const V r = (V)((bits & 0x007fffff) + lowest) - 1.0f;
  V p = splat(7.0376836292e-2f);
  p = fma(p, r, splat(-1.1514610310e-1f));
  p = fma(p, r, splat(1.1676998740e-1f));
  p = fma(p, r, splat(-1.2420140846e-1f));
  p = fma(p, r, splat(1.4249322787e-1f));
  p = fma(p, r, splat(-1.6668057665e-1f));
  p = fma(p, r, splat(2.0000714765e-1f));
  p = fma(p, r, splat(-2.4999993993e-1f));
  p = fma(p, r, splat(3.3333331174e-1f));
  const V square = r * r;
  const V y = fma(p * r, square, fma(square, splat(-0.5f), r));
  return fma(y, log.factor, fma(e, log.octave, log.value));
}

#endif

constexpr bool HANDLES_SPECIAL = SONOGRAM_LANES == 16;

// Orders values as unsigned integers so that 0, subnormal, negative, infinite and NaN ones are last: the largest of
// several then shows with one comparison whether any of them is special.
INLINE U special_order(V x) { return (U)x - 0x00800000u; }
INLINE U is_special(U order) { return (U)(order >= 0x7f000000u); }
INLINE U larger(U a, U b) { return a > b ? a : b; }

INLINE bool any(U mask) {
  uint32_t found = 0;
  for (int i = 0; i < W; ++i) found |= mask[i];
  return found != 0;
}

// Computes the special lanes one by one; the others keep their values.
static __attribute__((noinline)) void compute_special(V x, V* y, const Program* program) {
  const U which = is_special(special_order(x));
  for (int lane = 0; lane < W; ++lane)
    if (which[lane])
      (*y)[lane] =
          (float)(__builtin_log((double)x[lane]) * program->definition.log_factor + program->definition.log_shift);
}

}  // namespace sonogram::SONOGRAM_ISA
