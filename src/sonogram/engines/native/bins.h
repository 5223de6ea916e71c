// From the points of the transform to channels: bins, power, bands, logarithm, rows of the output.
#pragma once

#include "logarithm.h"
#include "transform.h"

namespace SONOGRAM_ISA {

INLINE V power(Complex x) { return fma(x.im, x.im, x.re * x.re); }

struct Detector {
  V floor, epsilon;

  explicit Detector(const Program* program)
      : floor(splat((float)program->definition.floor)),
        epsilon(splat((float)program->definition.epsilon)) {}
};

// Stores what is kept of a bin; a real value stands in place of the real part.
template <int OUTPUT>
INLINE void keep(const Detector& detector, float* p, Complex x) {
  if (OUTPUT == SONOGRAM_COMPLEX) return store_point(p, x);
  V y = power(x);
  if (OUTPUT == SONOGRAM_MAGNITUDE) y = root(at_least(y, detector.floor) + detector.epsilon);
  store(p, y);
}

// Bins of a real transform from the complex one of half the length, each in the place of its point:
// with E and O the transforms of the even and odd samples, Z = E + i O, and X[k] = E + w O.
template <int OUTPUT>
static void split(const Program* program, float* z) {
  const Detector detector(program);
  const int64_t points = program->points;
  const uint32_t* places = program->positions;
  const V two = splat(2);  // the window holds half of what it should, for the sums below
  const Complex first = load_point(z + places[0]);
  keep<OUTPUT>(detector, z + places[points], {two * (first.re - first.im), splat(0)});
  keep<OUTPUT>(detector, z + places[0], {two * (first.re + first.im), splat(0)});
  const float* w = program->split + 2;
  int64_t k = 1;
  for (; 2 * k < points; ++k, w += 2) {
    float *low = z + places[k], *high = z + places[points - k];
    const Complex a = load_point(low), b = load_point(high);
    const Complex even = {a.re + b.re, a.im - b.im}, odd = {a.im + b.im, b.re - a.re};
    const Complex turned = times(odd, w);
    keep<OUTPUT>(detector, low, even + turned);
    keep<OUTPUT>(detector, high, {even.re - turned.re, turned.im - even.im});
  }
  if (2 * k == points) {
    const Complex a = load_point(z + places[k]);
    keep<OUTPUT>(detector, z + places[k], {two * a.re, -(two * a.im)});
  }
}

template <int OUTPUT>
static void whole(const Program* program, float* z) {
  const Detector detector(program);
  for (int64_t k = 0; k < program->bins; ++k) {
    float* p = z + program->positions[k];
    keep<OUTPUT>(detector, p, load_point(p));
  }
}

static void detect(const Program* program, float* z) {
  switch (program->definition.output) {
    case SONOGRAM_COMPLEX:
      return program->odd ? whole<SONOGRAM_COMPLEX>(program, z) : split<SONOGRAM_COMPLEX>(program, z);
    case SONOGRAM_POWER:
      return program->odd ? whole<SONOGRAM_POWER>(program, z) : split<SONOGRAM_POWER>(program, z);
    default:
      return program->odd ? whole<SONOGRAM_MAGNITUDE>(program, z)
                          : split<SONOGRAM_MAGNITUDE>(program, z);
  }
}

struct Compression {
  V floor, offset, factor, shift;
};

template <bool LOG>
INLINE V compress(V x, const Compression& c) {
  return LOG ? fma(logarithm(at_least(x, c.floor) + c.offset), c.factor, c.shift) : x;
}

template <bool BANDS, bool LOG>
static void emit_rows(const Program* program, const float* z, int64_t frames, float* out,
                      int64_t stride) {
  const sonogram_definition& d = program->definition;
  const Compression c = {splat(d.log_floor > 0 ? (float)d.log_floor : -__builtin_inff()),
                         splat((float)d.log_offset), splat((float)d.log_factor),
                         splat((float)d.log_shift)};
  const Term* term = program->terms;
  for (int64_t channel = 0; channel < program->channels; channel += W) {
    const int64_t rest = program->channels - channel;
    const int count = rest < W ? (int)rest : W;
    V rows[W];
    for (int i = 0; i < count; ++i) {
      V x;
      if (BANDS) {
        x = splat(0);
        for (const Term* stop = term + program->term_counts[channel + i]; term < stop; ++term)
          x = fma(splat(term->weight), load(z + term->place), x);
      } else {
        x = load(z + program->channel_places[channel + i]);
      }
      rows[i] = compress<LOG>(x, c);
    }
    for (int i = count; i < W; ++i) rows[i] = splat(0);
    transpose(rows);
    float* p = out + channel;
    if (count == W) {
      for (int64_t frame = 0; frame < frames; ++frame, p += stride) store_unaligned(p, rows[frame]);
    } else {
      for (int64_t frame = 0; frame < frames; ++frame, p += stride)
        for (int i = 0; i < count; ++i) p[i] = rows[frame][i];
    }
  }
}

// Writes the channels of `frames` lanes as rows.
static void emit(const Program* program, const float* z, int64_t frames, float* out, int64_t stride) {
  const bool log = program->definition.logarithm;
  if (program->terms) {
    if (log) emit_rows<true, true>(program, z, frames, out, stride);
    else emit_rows<true, false>(program, z, frames, out, stride);
  } else {
    if (log) emit_rows<false, true>(program, z, frames, out, stride);
    else emit_rows<false, false>(program, z, frames, out, stride);
  }
}

}  // namespace SONOGRAM_ISA
