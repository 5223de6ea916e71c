// Complex bins as sums over samples, for transforms other than the Fourier transform: each bin has a
// kernel of its own length.
//
// The sums of four frames are computed together, so that a factor is loaded once for all of them. A sum
// runs over the lanes of a vector and then over these, whichever frames are computed with it: the bits of
// a frame do not depend on its block. Each run of 32 vectors is summed by itself first: the rounding error of a
// sum grows with its number of terms, and a kernel of 50,000 samples has 6000 terms in each of 8 lanes.
#pragma once

#include "program.h"
#include "vector.h"

namespace sonogram::SONOGRAM_ISA {

template <int FRAMES>
static void sum_bin(const KernelTable* table, int64_t bin, const float* frame, int64_t step, float* out) {
  const int64_t offset = table->offsets[bin], length = table->offsets[bin + 1] - offset;
  const float *real = table->real + offset, *imaginary = table->imaginary + offset;
  const float* x = frame + table->begins[bin];
  V a[FRAMES], b[FRAMES];
  for (int f = 0; f < FRAMES; ++f) a[f] = b[f] = splat(0);
  int64_t i = 0;
  while (i + W <= length) {
    V p[FRAMES], q[FRAMES];
    for (int f = 0; f < FRAMES; ++f) p[f] = q[f] = splat(0);
    for (const int64_t stop = i + 32 * W; i + W <= length && i < stop; i += W) {
      const V re = load_unaligned(real + i), im = load_unaligned(imaginary + i);
      for (int f = 0; f < FRAMES; ++f) {
        const V v = load_unaligned(x + f * step + i);
        p[f] = fma(v, re, p[f]);
        q[f] = fma(v, im, q[f]);
      }
    }
    for (int f = 0; f < FRAMES; ++f) a[f] += p[f], b[f] += q[f];
  }
  for (int f = 0; f < FRAMES; ++f) {
    float re = 0, im = 0;
    for (int lane = 0; lane < W; ++lane) re += a[f][lane], im += b[f][lane];
    for (int64_t j = i; j < length; ++j) {
      re += x[f * step + j] * real[j];
      im += x[f * step + j] * imaginary[j];
    }
    out[f * 2 * table->count + bin] = re;
    out[f * 2 * table->count + table->count + bin] = im;
  }
}

static void sum_kernels(const KernelTable* table, const float* x, int64_t step, int64_t frames, float* out) {
  for (int64_t bin = 0; bin < table->count; ++bin) {
    int64_t f = 0;
    for (; f + 4 <= frames; f += 4) sum_bin<4>(table, bin, x + f * step, step, out + f * 2 * table->count);
    for (; f < frames; ++f) sum_bin<1>(table, bin, x + f * step, step, out + f * 2 * table->count);
  }
}

}  // namespace sonogram::SONOGRAM_ISA
