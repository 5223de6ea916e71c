// The logarithm of a vector, times a factor, plus a shift.
//
// x = 2^e m; a table gives c near 1 / m, and r = c m - 1 is small:
// log x = e log 2 - log c + log(1 + r). The factor and the shift are part of the constants.
#pragma once

#include "program.h"
#include "vector.h"

namespace SONOGRAM_ISA {

typedef uint32_t U __attribute__((vector_size(4 * W)));

struct Logarithm {
  V factor, octave;  // octave: factor * log 2
  V inverse, value;  // tables: c, and factor * -log c + shift
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

// log(1 + r) for |r| below 1/16, to 1e-8 of itself: minimax of the relative error.
INLINE V log_near_one(V r) {
  V q = fma(splat(0.20092542469501495f), r, splat(-0.2508120536804199f));
  q = fma(q, r, splat(0.3333319127559662f));
  q = fma(q, r, splat(-0.4999992251396179f));
  return fma(q, r * r, r);
}

#if SONOGRAM_LANES == 16

// Sixteen intervals of m between 1 and 2. The two next to a power of two have c = 1 and c = 1/2, so
// that the logarithm vanishes there as it should. The instructions know 0, infinity and NaN.
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

// Eight intervals of m between 0.72 and 1.44; the one around 1 has c = 1.
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

// No table: m between sqrt(1/2) and sqrt(2), log m = r - r^2 / 2 + r^3 P(r) with r = m - 1 and the
// minimax polynomial of Cephes' logf.
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

#if SONOGRAM_LANES == 16
constexpr bool KNOWS_SPECIAL = true;
#else
constexpr bool KNOWS_SPECIAL = false;
#endif

// Where x is 0, subnormal, negative, infinite or NaN: one unsigned comparison.
INLINE U special(V x) { return (U)(((U)x - 0x00800000u) >= 0x7f000000u); }

INLINE bool any(U mask) {
  uint32_t found = 0;
  for (int i = 0; i < W; ++i) found |= mask[i];
  return found != 0;
}

// The lanes that are special, one by one; the others keep what they have.
static __attribute__((noinline)) void mend(const V* x, V* y, int count, const Program* program) {
  for (int i = 0; i < count; ++i) {
    const U which = special(x[i]);
    for (int lane = 0; lane < W; ++lane)
      if (which[lane])
        y[i][lane] = (float)(__builtin_log((double)x[i][lane]) * program->definition.log_factor +
                             program->definition.log_shift);
  }
}

}  // namespace SONOGRAM_ISA
