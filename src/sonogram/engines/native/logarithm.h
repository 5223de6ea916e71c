// The natural logarithm of a vector.
#pragma once

#include "vector.h"

namespace SONOGRAM_ISA {

// x = 2^e m with m between sqrt(1/2) and sqrt(2); log x = e log 2 + log m.
// log m = r - r^2 / 2 + r^3 P(r) with r = m - 1; P is the minimax polynomial of Cephes' logf.
INLINE V log_normal(V x) {
  const I bits = (I)x - 0x3f3504f3;  // sqrt(1/2): rounds the exponent to the nearer power
  const V e = __builtin_convertvector(bits >> 23, V);
  const V r = (V)((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
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
  // log 2 in two parts: e times the high one is exact.
  V y = fma(p * r, square, e * splat(-2.12194440e-4f));
  y = fnma(splat(0.5f), square, y);
  return fma(e, splat(0.693359375f), r + y);
}

// Subnormal, infinite, negative and NaN lanes, as std::log has them.
static __attribute__((noinline)) V log_special(V x) {
  const V tiny = splat(1.17549435e-38f);
  const I small = x < tiny;
  const V scaled = select(small, x * splat(8388608.0f), x);
  V y = log_normal(scaled) - (V)(small & (I)splat(15.942385152878742f));
  y = select(x == splat(__builtin_inff()), x, y);
  y = select(x == splat(0), splat(-__builtin_inff()), y);
  // NaN compares false with everything.
  return select(x >= splat(0), y, splat(__builtin_nanf("")));
}

INLINE bool any(I mask) {
#if defined(__AVX512F__) && SONOGRAM_LANES == 16
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__) && SONOGRAM_LANES == 8
  return _mm256_movemask_ps((__m256)mask) != 0;
#elif defined(__ARM_NEON)
  return vmaxvq_u32((uint32x4_t)mask) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_ps((__m128)mask) != 0;
#else
  return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
#endif
}

INLINE V logarithm(V x) {
  // One unsigned comparison finds what is not a normal positive number.
  typedef uint32_t U __attribute__((vector_size(4 * W)));
  const I odd = (I)((U)(I)x - 0x00800000u >= 0x7f000000u);
  // A lane that is ordinary gets the same value either way.
  return __builtin_expect(any(odd), 0) ? select(odd, log_special(x), log_normal(x)) : log_normal(x);
}

}  // namespace SONOGRAM_ISA
