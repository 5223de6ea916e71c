// The sums of polyphase.h by fast convolution, where the rates have a small ratio.
//
// With `from` inputs for `to` outputs, every from-th input is a sequence z_p of its own, and so is every to-th
// output: y_q[m] = sum over p and j of h_qp[j] z_p[m + j]. A sum over j is a product of transforms, so a block costs
// from + to transforms of `size` points instead of all its products. Of the `size` outputs of a block the first
// `valid` use no input from beyond its end (overlap-save; Oppenheim and Schafer, Discrete-Time Signal Processing).
// The filter is real: two blocks, one after the other, are the real and imaginary part of one transform.
//
// A forward transform leaves its points in the order of its passes. The inverse one takes them in that order, as
// its passes are those of the forward one in reverse: twiddles, then butterflies. An inverse transform is a forward
// one with real and imaginary parts exchanged.
#pragma once

#include "filter.h"
#include "transform.h"

namespace sonogram::SONOGRAM_ISA {

// The inputs of a butterfly in a tile: of two blocks that lie `later` floats apart.
template <int R>
struct TileInputs {
  const float* tile;
  int64_t stride, later;

  Complex load_at(int j) const __attribute__((always_inline)) {
    return in_registers({load(tile + j * stride), load(tile + j * stride + later)});
  }
  Pair pair(int j) const __attribute__((always_inline)) {
    const Complex a = load_at(low<R>(j)), b = load_at(high<R>(j));
    return {a + b, a - b};
  }
};

// The inputs of a butterfly, each times its twiddle.
template <int R>
struct TwiddledInputs {
  const float* z;
  size_t stride;
  const float* twiddles;

  Complex load_at(int j) const __attribute__((always_inline)) {
    const Complex x = load_point(z + j * stride);
    return in_registers(j == 0 ? x : times(x, twiddles + 2 * (j - 1)));
  }
  Pair pair(int j) const __attribute__((always_inline)) {
    const Complex a = load_at(low<R>(j)), b = load_at(high<R>(j));
    return {a + b, a - b};
  }
};

// Transforms of 8 M 4 points in three passes of these radices. A gap of one point after each 4 M points keeps
// the inputs of the first pass from competing for the same lines of the cache.
template <int M>
struct Convolution {
  static constexpr int PART = 4 * M;
  static constexpr size_t PITCH = (PART + 1) * POINT;

  const Filter* filter;
  const float *outer, *inner;  // twiddles: (PART, 7, 2) of radix 8 and (4, M - 1, 2) of radix M
  float *points, *products;    // of the inputs, and of each phase of the outputs

  // Adds the products of a phase of the inputs.
  void forward(const float* tile, const float* response, bool first) const {
    const int64_t step = filter->from * W;
    for (int j = 0; j < PART; ++j)
      butterfly(Constant<8>(), TileInputs<8>{tile + j * step, PART * step, filter->valid * step},
                [&](int r, Complex x) { store_output<true>(points + j * POINT, PITCH, outer + 14 * j, r, x); });
    for (int part = 0; part < 8; ++part) {
      float* z = points + part * PITCH;
      for (int j = 0; j < 4; ++j) butterfly_at<M, true>(z + j * POINT, 4 * POINT, inner + 2 * (M - 1) * j);
      for (int i = 0; i < M; ++i, response += 8 * filter->to) {
        float* product = products + part * PITCH + i * 4 * POINT;
        butterfly(Constant<4>(), StridedInputs<4>{z + i * 4 * POINT, POINT}, [&](int r, Complex x) {
          for (int64_t q = 0; q < filter->to; ++q) {
            float* p = product + q * 8 * PITCH + r * POINT;
            const Complex y = times(x, response + 2 * (r * filter->to + q));
            const Complex exchanged = {y.im, y.re};
            store_point(p, first ? exchanged : load_point(p) + exchanged);
          }
        });
      }
    }
  }

  void inverse(float* z, float* out) const {
    const int64_t step = filter->to * W;
    for (int part = 0; part < 8; ++part) {
      float* p = z + part * PITCH;
      for (int i = 0; i < M; ++i) butterfly_at<4, false>(p + i * 4 * POINT, POINT, nullptr);
      for (int j = 0; j < 4; ++j)
        butterfly(Constant<M>(), TwiddledInputs<M>{p + j * POINT, 4 * POINT, inner + 2 * (M - 1) * j},
                  [&](int r, Complex x) { store_point(p + (4 * r + j) * POINT, x); });
    }
    for (int j = 0; j < PART; ++j)
      butterfly(Constant<8>(), TwiddledInputs<8>{z + j * POINT, PITCH, outer + 14 * j}, [&](int r, Complex x) {
        const int64_t n = j + r * PART;
        if (n >= filter->valid) return;
        store(out + n * step, x.im);
        store(out + (filter->valid + n) * step, x.re);
      });
  }
};

template <int M>
static __attribute__((flatten)) void convolve_with(const Filter* filter, const float* tile, float* sums,
                                                   float* scratch) {
  const float* twiddles = filter->weights;
  const float* inner = twiddles + 14 * 4 * M;
  const float* response = inner + 8 * (M - 1);
  const Convolution<M> convolution = {filter, twiddles, inner, scratch, scratch + 8 * Convolution<M>::PITCH};
  for (int64_t p = 0; p < filter->from; ++p, response += 2 * filter->size * filter->to)
    convolution.forward(tile + p * W, response, p == 0);
  for (int64_t q = 0; q < filter->to; ++q)
    convolution.inverse(convolution.products + q * 8 * Convolution<M>::PITCH, sums + q * W);
}

static void convolve(const Filter* filter, const float* tile, float* sums, float* scratch) {
  switch (filter->size) {
    case 64: return convolve_with<2>(filter, tile, sums, scratch);
    case 128: return convolve_with<4>(filter, tile, sums, scratch);
    default: return convolve_with<8>(filter, tile, sums, scratch);
  }
}

}  // namespace sonogram::SONOGRAM_ISA
