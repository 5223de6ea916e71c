// From bins to rows of the output: bands, logarithm, transposition.
//
// A band sees a small part of the bins, so the product with the band matrix is sparse: only weights that
// are not 0 are stored. For triangular bands even that reads each bin twice, since it lies on the falling
// side of one triangle and on the rising side of the next. The bins are therefore read once, in order,
// each for both bands: the sum of the rising side is carried over to the band that then falls.
#pragma once

#include "logarithm.h"
#include "transform.h"

namespace sonogram::SONOGRAM_ISA {

enum Source { BINS, TRIANGLES, BANDS };

// Returns the columns one after the other.
template <Source SOURCE>
struct Columns;

template <>
struct Columns<BINS> {
  const float* z;
  const uint32_t* offsets;

  INLINE Columns start(const Program* program, const float* z) { return {z, program->column_offsets}; }
  V next() __attribute__((always_inline)) { return load(z + *offsets++); }
};

template <>
struct Columns<BANDS> {
  const float* z;
  const BandWeight* weight;
  const uint32_t* counts;

  INLINE Columns start(const Program* program, const float* z) {
    return {z, program->band_weights, program->band_counts};
  }
  V next() __attribute__((always_inline)) {
    V x = splat(0);
    for (const BandWeight* stop = weight + *counts++; weight < stop; ++weight)
      x = fma(splat(weight->weight), load(z + weight->offset), x);
    return x;
  }
};

template <>
struct Columns<TRIANGLES> {
  const float* z;
  const TriangleWeights* bin;
  const uint32_t* counts;
  V carried;  // the rising side of the next band

  INLINE Columns start(const Program* program, const float* z) {
    Columns columns = {z, program->triangle_weights, program->triangle_counts, splat(0)};
    columns.next();  // the bins below the first center only rise
    return columns;
  }
  V next() __attribute__((always_inline)) {
    V falling = carried, rising = splat(0);
    for (const TriangleWeights* stop = bin + *counts++; bin < stop; ++bin) {
      const V x = load(z + bin->offset);
      falling = fma(splat(bin->falling), x, falling);
      rising = fma(splat(bin->rising), x, rising);
    }
    carried = rising;
    return falling;
  }
};

struct LogLimits {
  V floor, offset, zero;
};

// The value of which the logarithm is taken.
template <bool ZERO>
INLINE V limited(V x, const LogLimits& limits) {
  if (ZERO) x = x == 0 ? limits.zero : x;
  return at_least(x, limits.floor) + limits.offset;
}

// Writes the columns of `frames` lanes as rows: W columns of W frames are transposed in registers.
template <Source SOURCE, bool LOG, bool ZERO>
static void write_rows(const Program* program, const float* z, int64_t frames, float* out,
                       int64_t stride) {
  const sonogram_definition& d = program->definition;
  const LogLimits limits = {splat(d.log_floor > 0 ? (float)d.log_floor : -__builtin_inff()),
                            splat((float)d.log_offset), splat((float)d.log_zero)};
  const Logarithm log = logarithm_of(program);
  Columns<SOURCE> columns = Columns<SOURCE>::start(program, z);
  for (int64_t column = 0; column < program->num_columns; column += W, out += W) {
    const int64_t rest = program->num_columns - column;
    const int count = rest < W ? (int)rest : W;
    V rows[W];
    U specials = {0};
    V x[W];
    // Unrolled, so that the processor predicts the number of bins of each column by itself.
#pragma GCC unroll 16
    for (int i = 0; i < W; ++i) rows[i] = i < count ? columns.next() : splat(1);
#pragma GCC unroll 16
    for (int i = 0; LOG && i < W; ++i) {
      x[i] = limited<ZERO>(rows[i], limits);
      rows[i] = logarithm(x[i], log);
      if (!HANDLES_SPECIAL) specials = larger(specials, special_order(x[i]));
    }
    if (LOG && !HANDLES_SPECIAL && __builtin_expect(any(is_special(specials)), 0)) {
      for (int i = 0; i < count; ++i) compute_special(x[i], rows + i, program);
    }
    transpose(rows);
    if (count == W && frames == W) {
#pragma GCC unroll 16
      for (int frame = 0; frame < W; ++frame) store_unaligned(out + frame * stride, rows[frame]);
      continue;
    }
    float* p = out;
    for (int64_t frame = 0; frame < frames; ++frame, p += stride)
      for (int i = 0; i < count; ++i) p[i] = rows[frame][i];
  }
}

static void write_columns(const Program* program, const float* z, int64_t frames, float* out,
                          int64_t stride) {
  const sonogram_definition& d = program->definition;
  with_flag(d.logarithm, [&](auto log) {
    with_flag(d.logarithm && d.log_zero > 0, [&](auto zero) {
      if (program->triangles) write_rows<TRIANGLES, log, zero>(program, z, frames, out, stride);
      else if (d.num_bands) write_rows<BANDS, log, zero>(program, z, frames, out, stride);
      else write_rows<BINS, log, zero>(program, z, frames, out, stride);
    });
  });
}

}  // namespace sonogram::SONOGRAM_ISA
