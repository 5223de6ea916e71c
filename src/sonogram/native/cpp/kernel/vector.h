// Vectors with one frame in each lane, in the vector types of the compiler.
//
// Everything here is compiled once for each instruction set, in a namespace of its own
// (sonogram::SONOGRAM_ISA), and is static: the linker must never take the copy of another set. For the
// same reason these files use nothing of the C++ standard library.
//
// Same bits everywhere. A frame must give the same result in any lane, in any block and with any number
// of threads. Each lane therefore runs the same operations, and the rounding of each is written out:
// fma() rounds once, a * b + c rounds twice, and the compiler may not turn one into the other
// (-ffp-contract=off). If it could, it would choose again for each copy of a loop that it makes, and the
// vector body and its scalar remainder would round differently.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define INLINE static inline __attribute__((always_inline))

namespace sonogram::SONOGRAM_ISA {

constexpr int W = SONOGRAM_LANES;

typedef float V __attribute__((vector_size(4 * W)));
typedef int32_t I __attribute__((vector_size(4 * W)));
// The same types for memory: at any address of a float, and at multiples of their size.
typedef float Unaligned __attribute__((vector_size(4 * W), aligned(4), may_alias));
typedef float Aligned __attribute__((vector_size(4 * W), may_alias));

struct Complex {
  V re, im;
};

// A number that is known when the code is compiled, for generic lambdas: f(Constant<8>()).
template <int N>
struct Constant {
  constexpr operator int() const { return N; }
};

// Calls f with the flag as a constant.
template <class F>
INLINE void with_flag(bool flag, const F& f) {
  if (flag) f(Constant<true>());
  else f(Constant<false>());
}

INLINE V load(const float* p) { return *(const Aligned*)p; }
INLINE V load_unaligned(const float* p) { return *(const Unaligned*)p; }
INLINE void store(float* p, V x) { *(Aligned*)p = x; }
INLINE void store_unaligned(float* p, V x) { *(Unaligned*)p = x; }

// Keeps the compiler from loading x again for its second use, which looks cheaper to it than a register.
INLINE V in_register(V x) {
#if defined(__AVX2__)
  asm("" : "+x"(x));
#endif
  return x;
}

INLINE V select(I mask, V yes, V no) { return (V)((mask & (I)yes) | (~mask & (I)no)); }

#if defined(__AVX512F__) && SONOGRAM_LANES == 16
typedef __m512 Register;
#define SONOGRAM_X86(name) _mm512_##name
#elif defined(__AVX2__) && SONOGRAM_LANES == 8
typedef __m256 Register;
#define SONOGRAM_X86(name) _mm256_##name
#elif defined(__x86_64__) && SONOGRAM_LANES == 4
typedef __m128 Register;
#define SONOGRAM_X86(name) _mm_##name
#elif SONOGRAM_LANES != 4
#error "no vector type for this instruction set and number of lanes"
#endif

// at_least returns NaN where x is NaN, as numpy.maximum: the instructions return their second operand
// where one of the two is NaN.
#if defined(SONOGRAM_X86)
INLINE V splat(float x) { return (V)SONOGRAM_X86(set1_ps)(x); }
INLINE V root(V x) { return (V)SONOGRAM_X86(sqrt_ps)((Register)x); }
INLINE V at_least(V x, V floor) { return (V)SONOGRAM_X86(max_ps)((Register)floor, (Register)x); }
#else
INLINE V splat(float x) { return (V){x, x, x, x}; }
INLINE V at_least(V x, V floor) { return select(x < floor, floor, x); }
#endif

// fma(a, b, c) is c + a b, fnma(a, b, c) is c - a b.
#if SONOGRAM_LANES > 4
INLINE V fma(V a, V b, V c) { return (V)SONOGRAM_X86(fmadd_ps)((Register)a, (Register)b, (Register)c); }
INLINE V fnma(V a, V b, V c) { return (V)SONOGRAM_X86(fnmadd_ps)((Register)a, (Register)b, (Register)c); }
#elif defined(__ARM_NEON)
INLINE V fma(V a, V b, V c) { return (V)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
INLINE V fnma(V a, V b, V c) { return (V)vfmsq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
INLINE V root(V x) { return (V)vsqrtq_f32((float32x4_t)x); }
#else
// Any processor: without a fused operation both round twice, the same in every lane.
INLINE V fma(V a, V b, V c) { return a * b + c; }
INLINE V fnma(V a, V b, V c) { return c - a * b; }
#if !defined(SONOGRAM_X86)
INLINE V root(V x) {
  return (V){__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]), __builtin_sqrtf(x[3])};
}
#endif
#endif

#if defined(__clang__)
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (I){__VA_ARGS__})
#endif

// Transposes: x[i][j] and x[j][i] change places. AVX has cheap shuffles only within 128 bits, so first
// 4 x 4 blocks are transposed within each four lanes, then the blocks change places.
#if SONOGRAM_LANES == 4
INLINE void transpose(V* x) {
  const V a = SHUFFLE(x[0], x[1], 0, 4, 1, 5), b = SHUFFLE(x[0], x[1], 2, 6, 3, 7);
  const V c = SHUFFLE(x[2], x[3], 0, 4, 1, 5), d = SHUFFLE(x[2], x[3], 2, 6, 3, 7);
  x[0] = SHUFFLE(a, c, 0, 1, 4, 5), x[1] = SHUFFLE(a, c, 2, 3, 6, 7);
  x[2] = SHUFFLE(b, d, 0, 1, 4, 5), x[3] = SHUFFLE(b, d, 2, 3, 6, 7);
}
#elif SONOGRAM_LANES == 8
INLINE void transpose(V* x) {
  V y[8];
  for (int i = 0; i < 8; i += 4) {
    const V a = SHUFFLE(x[i], x[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    const V b = SHUFFLE(x[i], x[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    const V c = SHUFFLE(x[i + 2], x[i + 3], 0, 8, 1, 9, 4, 12, 5, 13);
    const V d = SHUFFLE(x[i + 2], x[i + 3], 2, 10, 3, 11, 6, 14, 7, 15);
    y[i] = SHUFFLE(a, c, 0, 1, 8, 9, 4, 5, 12, 13);
    y[i + 1] = SHUFFLE(a, c, 2, 3, 10, 11, 6, 7, 14, 15);
    y[i + 2] = SHUFFLE(b, d, 0, 1, 8, 9, 4, 5, 12, 13);
    y[i + 3] = SHUFFLE(b, d, 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int i = 0; i < 4; ++i) {
    x[i] = SHUFFLE(y[i], y[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    x[i + 4] = SHUFFLE(y[i], y[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}
#elif SONOGRAM_LANES == 16
// Transposes the 4 x 4 block in each four lanes of four rows.
INLINE void transpose_blocks(V a, V b, V c, V d, V* x) {
  const __m512 p = _mm512_unpacklo_ps((__m512)a, (__m512)b), q = _mm512_unpackhi_ps((__m512)a, (__m512)b);
  const __m512 r = _mm512_unpacklo_ps((__m512)c, (__m512)d), s = _mm512_unpackhi_ps((__m512)c, (__m512)d);
  x[0] = (V)_mm512_unpacklo_pd((__m512d)p, (__m512d)r), x[1] = (V)_mm512_unpackhi_pd((__m512d)p, (__m512d)r);
  x[2] = (V)_mm512_unpacklo_pd((__m512d)q, (__m512d)s), x[3] = (V)_mm512_unpackhi_pd((__m512d)q, (__m512d)s);
}

INLINE void transpose(V* x) {
  V y[16];
  for (int i = 0; i < 16; i += 4) transpose_blocks(x[i], x[i + 1], x[i + 2], x[i + 3], y + i);
  // y[4g + j] holds column j (+4, +8, +12 in the next blocks of four lanes) of rows 4g...4g + 3.
  for (int j = 0; j < 4; ++j) {
    const __m512 a = (__m512)y[j], b = (__m512)y[j + 4], c = (__m512)y[j + 8], d = (__m512)y[j + 12];
    const __m512 ab_even = _mm512_shuffle_f32x4(a, b, 0x88), ab_odd = _mm512_shuffle_f32x4(a, b, 0xdd);
    const __m512 cd_even = _mm512_shuffle_f32x4(c, d, 0x88), cd_odd = _mm512_shuffle_f32x4(c, d, 0xdd);
    x[j] = (V)_mm512_shuffle_f32x4(ab_even, cd_even, 0x88);
    x[j + 8] = (V)_mm512_shuffle_f32x4(ab_even, cd_even, 0xdd);
    x[j + 4] = (V)_mm512_shuffle_f32x4(ab_odd, cd_odd, 0x88);
    x[j + 12] = (V)_mm512_shuffle_f32x4(ab_odd, cd_odd, 0xdd);
  }
}

// Loads four floats of each of four rows.
INLINE V four_rows(const float* p, int64_t step) {
  __m512 x = _mm512_castps128_ps512(_mm_loadu_ps(p));
  x = _mm512_insertf32x4(x, _mm_loadu_ps(p + step), 1);
  x = _mm512_insertf32x4(x, _mm_loadu_ps(p + 2 * step), 2);
  return (V)_mm512_insertf32x4(x, _mm_loadu_ps(p + 3 * step), 3);
}
#endif

// Loads W rows of W floats that lie `step` floats apart, transposed.
INLINE void load_columns(const float* p, int64_t step, V* x) {
#if SONOGRAM_LANES == 16
  // The loads already put blocks of four lanes in their places, which saves half of the shuffles.
  for (int j = 0; j < 16; j += 4) {
    const float* q = p + j;
    transpose_blocks(four_rows(q, 4 * step), four_rows(q + step, 4 * step), four_rows(q + 2 * step, 4 * step),
                     four_rows(q + 3 * step, 4 * step), x + j);
  }
#else
  for (int i = 0; i < W; ++i) x[i] = load_unaligned(p + i * step);
  transpose(x);
#endif
}

}  // namespace sonogram::SONOGRAM_ISA
