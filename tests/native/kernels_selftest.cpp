// Transforms that are given by kernels, against halved samples and sums in float64.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "sonogram_native.h"

namespace {

using Doubles = std::vector<double>;

std::mt19937 generator(4711);

int64_t draw(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(generator); }
float draw_real() { return std::uniform_real_distribution<float>(-1, 1)(generator); }

const double FILTER[] = {320166, -76230, 22869, -5445, 847, -63};  // over 2^20

struct Kernels {
  std::vector<int32_t> halvings;
  std::vector<int64_t> begins, offsets = {0};
  std::vector<float> real, imaginary;

  sonogram_kernels table() const {
    return {(int64_t)halvings.size(), halvings.data(), begins.data(), offsets.data(), real.data(), imaginary.data()};
  }
};

// Kernels of any length, symmetric or not, that lie within the frame together with their filters.
Kernels draw_kernels(const sonogram_definition& d, int halvings) {
  Kernels kernels;
  for (int64_t bin = draw(1, 30); bin > 0; --bin) {
    const int32_t level = (int32_t)draw(0, halvings);
    const int64_t side = d.frame_length - 1 - d.frame_length / 2;
    const int64_t limit = (side - 11 * ((1 << level) - 1)) >> level;
    const bool symmetric = draw(0, 2) > 0;
    const int64_t begin = symmetric ? -draw(0, limit) : draw(-limit, limit);
    const int64_t end = symmetric ? -begin : draw(begin, limit);
    const size_t first = kernels.real.size();
    for (int64_t n = begin; n <= end; ++n) {
      const size_t mirrored = first + (size_t)(-n - begin);
      kernels.real.push_back(symmetric && n > 0 ? kernels.real[mirrored] : draw_real());
      kernels.imaginary.push_back(symmetric && n > 0    ? -kernels.imaginary[mirrored]
                                  : symmetric && n == 0 ? 0
                                                        : draw_real());
    }
    kernels.halvings.push_back(level);
    kernels.begins.push_back(begin);
    kernels.offsets.push_back((int64_t)kernels.real.size());
  }
  return kernels;
}

// The samples around the center of a frame, at index size / 2, halved again and again.
Doubles halved(const Doubles& x) {
  const int64_t center = (int64_t)x.size() / 2, half = center / 2;
  const auto at = [&](int64_t n) { return n < 0 || n >= (int64_t)x.size() ? 0.0 : x[(size_t)n]; };
  Doubles y;
  for (int64_t m = -half; m <= half; ++m) {
    const int64_t n = center + 2 * m;
    double sum = at(n) / 2;
    for (int j = 0; j < 6; ++j) sum += FILTER[j] / 1048576 * (at(n - 2 * j - 1) + at(n + 2 * j + 1));
    y.push_back(sum);
  }
  return y;
}

std::complex<double> bin_of(const Kernels& kernels, size_t bin, const std::vector<Doubles>& levels) {
  const Doubles& x = levels[(size_t)kernels.halvings[bin]];
  std::complex<double> sum = 0;
  for (int64_t i = kernels.offsets[bin]; i < kernels.offsets[bin + 1]; ++i) {
    const int64_t n = (int64_t)x.size() / 2 + kernels.begins[bin] + i - kernels.offsets[bin];
    sum += x[(size_t)n] * std::complex<double>(kernels.real[(size_t)i], kernels.imaginary[(size_t)i]);
  }
  return sum;
}

void fail(const char* isa, const char* what, int64_t frame, size_t bin, double got, double want) {
  std::printf("kernels, %s, %s: frame %ld bin %zu is %g, not %g\n", isa, what, (long)frame, bin, got, want);
  std::exit(1);
}

}  // namespace

void check_kernels(const char* isa) {
  const int halvings = (int)draw(0, 3);
  sonogram_definition d = {};
  d.frame_step = draw(1, 60) << halvings;
  d.frame_length = 2 * (11 * ((1 << halvings) - 1) + draw(1, 200)) + draw(1, 2);
  d.output = draw(0, 1) ? SONOGRAM_COMPLEX : SONOGRAM_POWER;
  d.scale = draw(0, 1) ? 1.0 : 4.0;
  const Kernels kernels = draw_kernels(d, halvings);
  const size_t bins = kernels.halvings.size(), columns = d.output == SONOGRAM_COMPLEX ? 2 * bins : bins;
  const int64_t total = draw(1, 6000), left = draw(0, d.frame_length), frames = draw(1, 1 + total / d.frame_step);
  std::unique_ptr<float[]> samples(new float[(size_t)total]);
  for (int64_t n = 0; n < total; ++n) samples[(size_t)n] = draw_real();
  const sonogram_kernels table = kernels.table();
  sonogram_handle* handle = sonogram_create_of_kernels(&d, &table, isa);
  if (!handle) std::exit(2);
  std::unique_ptr<float[]> out(new float[(size_t)frames * columns]), again(new float[columns]);
  sonogram_clips clips = {};
  clips.samples = samples.get(), clips.count = 1, clips.available = clips.total = total;
  clips.pad_left = left, clips.num_frames = clips.num_valid = frames;
  clips.out = out.get(), clips.threads = 3;
  if (sonogram_run(handle, &clips)) std::exit(2);
  for (int64_t frame = 0; frame < frames; ++frame) {
    const int64_t start = frame * d.frame_step - left, center = start + d.frame_length / 2;
    std::vector<Doubles> levels(1);
    for (int64_t n = center - d.frame_length; n <= center + d.frame_length; ++n)
      levels[0].push_back(n < 0 || n >= total ? 0.0 : d.scale * samples[(size_t)n]);
    for (int level = 0; level < halvings; ++level) levels.push_back(halved(levels.back()));
    for (size_t bin = 0; bin < bins; ++bin) {
      const std::complex<double> want = bin_of(kernels, bin, levels);
      const float* got = out.get() + (size_t)frame * columns;
      const double terms = (double)(kernels.offsets[bin + 1] - kernels.offsets[bin]), bound = 4e-6 * d.scale * terms;
      if (d.output == SONOGRAM_POWER) {
        if (!(std::fabs(got[bin] - std::norm(want)) <= bound * (2 * std::abs(want) + bound)))
          fail(isa, "power", frame, bin, got[bin], std::norm(want));
      } else if (!(std::abs(std::complex<double>(got[2 * bin], got[2 * bin + 1]) - want) <= bound)) {
        fail(isa, "against float64", frame, bin, got[2 * bin], want.real());
      }
    }
    // The same bits from the samples of this frame alone, in memory of just their size.
    const int64_t begin = std::max<int64_t>(start, 0), end = std::min(start + d.frame_length, total);
    if (end <= begin) continue;
    std::unique_ptr<float[]> own(new float[(size_t)(end - begin)]);
    std::memcpy(own.get(), samples.get() + begin, (size_t)(end - begin) * sizeof(float));
    sonogram_clips one = clips;
    one.samples = own.get(), one.base = begin, one.available = end - begin;
    one.first_frame = frame, one.num_frames = one.num_valid = 1, one.out = again.get();
    if (sonogram_run(handle, &one)) std::exit(2);
    if (std::memcmp(again.get(), out.get() + (size_t)frame * columns, columns * sizeof(float)) != 0)
      fail(isa, "alone", frame, 0, again[0], out[(size_t)frame * columns]);
  }
  sonogram_destroy(handle);
}
