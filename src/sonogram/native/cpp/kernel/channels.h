// From bins to the rows of the output: bands, logarithm, transposition.
#pragma once

#include "logarithm.h"
#include "transform.h"

namespace SONOGRAM_ISA {

enum Source { BINS, TRIANGLES, TERMS };

// Gives the channels one after the other.
template <Source SOURCE>
struct Channels;

template <>
struct Channels<BINS> {
  const float* z;
  const uint32_t* places;

  INLINE Channels start(const Program* program, const float* z) {
    return {z, program->channel_places};
  }
  V next() __attribute__((always_inline)) { return load(z + *places++); }
};

template <>
struct Channels<TERMS> {
  const float* z;
  const Term* term;
  const uint32_t* counts;

  INLINE Channels start(const Program* program, const float* z) {
    return {z, program->terms, program->term_counts};
  }
  V next() __attribute__((always_inline)) {
    V x = splat(0);
    for (const Term* stop = term + *counts++; term < stop; ++term)
      x = fma(splat(term->weight), load(z + term->place), x);
    return x;
  }
};

// Each bin is read once, for the two triangles it lies in.
template <>
struct Channels<TRIANGLES> {
  const float* z;
  const Pair* pair;
  const uint32_t* counts;
  V rising;

  INLINE Channels start(const Program* program, const float* z) {
    Channels channels = {z, program->pairs, program->pair_counts, splat(0)};
    channels.next();
    return channels;
  }
  V next() __attribute__((always_inline)) {
    V fall = rising, rise = splat(0);
    for (const Pair* stop = pair + *counts++; pair < stop; ++pair) {
      const V x = load(z + pair->place);
      fall = fma(splat(pair->fall), x, fall);
      rise = fma(splat(pair->rise), x, rise);
    }
    rising = rise;
    return fall;
  }
};

template <Source SOURCE, bool LOG>
static void emit_rows(const Program* program, const float* z, int64_t frames, float* out,
                      int64_t stride) {
  const sonogram_definition& d = program->definition;
  const V floor = splat(d.log_floor > 0 ? (float)d.log_floor : -__builtin_inff());
  const V offset = splat((float)d.log_offset);
  const Logarithm log = logarithm_of(program);
  Channels<SOURCE> channels = Channels<SOURCE>::start(program, z);
  for (int64_t channel = 0; channel < program->channels; channel += W, out += W) {
    const int64_t rest = program->channels - channel;
    const int count = rest < W ? (int)rest : W;
    V rows[W];
    for (int i = 0; i < count; ++i) rows[i] = channels.next();
    for (int i = count; i < W; ++i) rows[i] = splat(1);
    if (LOG) {
      V x[W];
      U specials = {0};
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) {
        x[i] = at_least(rows[i], floor) + offset;
        rows[i] = logarithm(x[i], log);
        if (!KNOWS_SPECIAL) specials |= special(x[i]);
      }
      if (!KNOWS_SPECIAL && __builtin_expect(any(specials), 0)) mend(x, rows, count, program);
    }
    transpose(rows);
    float* p = out;
    if (count == W) {
      for (int64_t frame = 0; frame < frames; ++frame, p += stride) store_unaligned(p, rows[frame]);
    } else {
      for (int64_t frame = 0; frame < frames; ++frame, p += stride)
        for (int i = 0; i < count; ++i) p[i] = rows[frame][i];
    }
  }
}

template <Source SOURCE>
static void emit_from(const Program* program, const float* z, int64_t frames, float* out,
                      int64_t stride) {
  if (program->definition.logarithm) emit_rows<SOURCE, true>(program, z, frames, out, stride);
  else emit_rows<SOURCE, false>(program, z, frames, out, stride);
}

// Writes the channels of `frames` lanes as rows.
static void emit(const Program* program, const float* z, int64_t frames, float* out, int64_t stride) {
  if (program->triangles) emit_from<TRIANGLES>(program, z, frames, out, stride);
  else if (program->definition.num_bands) emit_from<TERMS>(program, z, frames, out, stride);
  else emit_from<BINS>(program, z, frames, out, stride);
}

}  // namespace SONOGRAM_ISA
