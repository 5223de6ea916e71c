// The library against a slow and obvious transform in float64, on definitions drawn at random.
//
// Python and its arrays are left out, so that it runs under sanitizers and on emulated processors.
// Samples and results stand in memory of just their size: one step beyond is caught.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sonogram_native.h"

void check_op();                      // op_selftest.cpp
void check_kernels(const char* isa);  // kernels_selftest.cpp

namespace {

using Doubles = std::vector<double>;

std::mt19937 generator;

int64_t draw(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(generator); }
double draw_real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(generator); }

struct Case {
  sonogram_definition d = {};
  Doubles window, bands;
  int64_t bins, columns;
  int64_t total, left, frames;
};

Case draw_case() {
  Case c;
  sonogram_definition& d = c.d;
  static const int64_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 16, 20, 22, 25, 26, 27, 30, 31, 32, 35,
                                    36, 40, 49, 50, 60, 64, 70, 77, 80, 97, 100, 112, 128, 200, 240, 256, 400, 512};
  d.fft_length = lengths[draw(0, sizeof lengths / sizeof *lengths - 1)];
  d.frame_length = draw(0, 1) ? d.fft_length : draw(1, d.fft_length);
  d.frame_step = draw(1, 2 * d.frame_length);
  d.window_offset = draw(0, d.fft_length - d.frame_length);
  d.padding_mode = (int32_t)draw(0, 2);
  d.remove_mean = (int32_t)draw(0, 2);
  d.preemphasis = (int32_t)draw(0, d.remove_mean == SONOGRAM_FRAME ? 2 : 2);
  if (d.remove_mean == SONOGRAM_FRAME && d.preemphasis == SONOGRAM_CLIP) d.preemphasis = SONOGRAM_NONE;
  d.preemphasis_boundary = (int32_t)draw(0, d.preemphasis == SONOGRAM_CLIP ? 2 : 1);
  d.coefficient = draw_real(0.5, 1);
  d.scale = draw(0, 1) ? 1.0 : draw_real(-3, 3);
  d.output = (int32_t)draw(0, 2);
  d.floor = draw(0, 3) ? 0 : 1e-3;
  d.epsilon = draw(0, 3) ? 0 : 1e-3;
  c.bins = d.fft_length / 2 + 1;
  c.columns = c.bins;
  for (int64_t i = 0; i < d.frame_length; ++i) c.window.push_back(draw_real(0.1, 1));
  d.window = c.window.data();
  if (d.output == SONOGRAM_COMPLEX) {
    c.columns *= 2;
  } else {
    if (draw(0, 1)) {
      d.num_bands = c.columns = draw(1, 40);
      const bool neighbors = draw(0, 1) != 0;
      for (int64_t k = 0; k < c.bins; ++k)
        for (int64_t band = 0; band < c.columns; ++band) {
          const int64_t near = k * c.columns / c.bins;
          const bool used = neighbors ? band == near || band == near + 1 : draw(0, 3) == 0;
          c.bands.push_back(used ? draw_real(0, 1) : 0);
        }
      d.bands = c.bands.data();
    }
    if (draw(0, 1)) {
      d.logarithm = 1;
      d.log_floor = draw(0, 1) ? 0.1 : 0;  // where float32 resolves it
      d.log_offset = d.log_floor > 0 ? 0 : 0.1;
      d.log_factor = draw(0, 1) ? 1 : draw_real(-5, 5);
      d.log_shift = draw_real(-1, 1);
    }
    d.energy = (int32_t)draw(0, 1);
    d.energy_floor = 1e-3;
  }
  c.total = draw(0, 3) ? draw(1, 40 * d.frame_step + 3 * d.frame_length) : draw(1, 5);
  c.left = draw(-3, d.frame_length);
  const int64_t dropped = d.preemphasis == SONOGRAM_CLIP && d.preemphasis_boundary == SONOGRAM_DROP;
  const int64_t kept = c.total - dropped;
  c.frames = kept > 0 ? draw(1, std::max<int64_t>(1, (kept + c.left) / d.frame_step + 2)) : 0;
  return c;
}

Doubles condition(const sonogram_definition& d, Doubles x) {
  if (d.remove_mean == SONOGRAM_CLIP && !x.empty()) {
    double mean = 0;
    for (const double value : x) mean += value / (double)x.size();
    for (double& value : x) value -= mean;
  }
  if (d.preemphasis == SONOGRAM_CLIP && !x.empty()) {
    Doubles y(x.size());
    for (size_t i = 1; i < x.size(); ++i) y[i] = x[i] - d.coefficient * x[i - 1];
    y[0] = d.preemphasis_boundary == SONOGRAM_REPEAT ? x[0] - d.coefficient * x[0] : x[0];
    if (d.preemphasis_boundary == SONOGRAM_DROP) y.erase(y.begin());
    x = y;
  }
  for (double& value : x) value *= d.scale;
  return x;
}

double sample(const Doubles& x, int64_t place, int32_t padding_mode) {
  const int64_t length = (int64_t)x.size();
  if (length == 0) return 0;
  while (place < 0 || place >= length) {
    if (padding_mode == SONOGRAM_CONSTANT) return 0;
    if (padding_mode == SONOGRAM_REFLECT && length == 1) place = 0;
    else if (place < 0) place = padding_mode == SONOGRAM_REFLECT ? -place : -place - 1;
    else place = padding_mode == SONOGRAM_REFLECT ? 2 * length - 2 - place : 2 * length - 1 - place;
  }
  return x[place];
}

// One frame as the definition has it, and the noise that float32 may leave in it.
Doubles columns_of(const Case& c, const Doubles& x, int64_t frame, Doubles& scale) {
  const sonogram_definition& d = c.d;
  Doubles y(d.frame_length);
  for (int64_t n = 0; n < d.frame_length; ++n) y[n] = sample(x, frame * d.frame_step - c.left + n, d.padding_mode);
  double mean = 0, energy = 0, loudest = 0;
  for (const double value : y) mean += value / (double)d.frame_length, loudest = std::max(loudest, std::fabs(value));
  if (d.remove_mean == SONOGRAM_FRAME)
    for (double& value : y) value -= mean;
  for (const double value : y) energy += value * value;
  if (d.preemphasis == SONOGRAM_FRAME)
    for (int64_t n = d.frame_length - 1; n >= 0; --n)
      y[n] -= n > 0 ? d.coefficient * y[n - 1] : d.preemphasis_boundary == SONOGRAM_REPEAT ? d.coefficient * y[0] : 0.0;
  std::vector<std::complex<double>> spectrum(c.bins);
  for (int64_t k = 0; k < c.bins; ++k)
    for (int64_t n = 0; n < d.frame_length; ++n) {
      const int64_t turn = k * (n + (d.output == SONOGRAM_COMPLEX ? d.window_offset : 0)) % d.fft_length;
      spectrum[k] += y[n] * c.window[n] * std::polar(1.0, -2 * M_PI * (double)turn / (double)d.fft_length);
    }
  const double peak = loudest * (double)d.frame_length;  // no bin can be larger
  Doubles values;
  double noise = peak;
  if (d.output == SONOGRAM_COMPLEX) {
    for (const auto& bin : spectrum) values.push_back(bin.real()), values.push_back(bin.imag());
  } else {
    for (const auto& bin : spectrum) {
      const double power = std::norm(bin);
      values.push_back(d.output == SONOGRAM_POWER ? power : std::sqrt(std::max(power, d.floor) + d.epsilon));
    }
    if (d.output == SONOGRAM_POWER) noise = peak * peak;
    noise += std::sqrt(d.floor + d.epsilon);
  }
  if (d.num_bands) {
    Doubles sums(d.num_bands);
    for (int64_t band = 0; band < d.num_bands; ++band)
      for (int64_t k = 0; k < c.bins; ++k) sums[band] += values[k] * c.bands[k * d.num_bands + band];
    values = sums;
    noise *= (double)c.bins;
  }
  scale.assign(values.size(), noise);
  if (d.logarithm)
    for (size_t i = 0; i < values.size(); ++i) {
      const double level = std::max(values[i], d.log_floor) + d.log_offset;
      scale[i] = (noise / level + std::fabs(std::log(level))) * std::fabs(d.log_factor) + std::fabs(d.log_shift);
      values[i] = std::log(level) * d.log_factor + d.log_shift;
    }
  if (d.energy) {
    values.push_back(std::log(std::max(energy, d.energy_floor)));
    scale.push_back(20 + loudest * loudest * (double)d.frame_length / d.energy_floor);
  }
  return values;
}

void fail(const Case& c, const char* isa, const char* what, int64_t frame, size_t column, double got, double want) {
  const sonogram_definition& d = c.d;
  std::printf("%s, %s: frame %ld column %zu is %g, not %g\n", isa, what, (long)frame, column, got, want);
  std::printf("length %ld step %ld fft %ld padding %d mean %d preemphasis %d/%d output %d bands %ld log %d\n",
              (long)d.frame_length, (long)d.frame_step, (long)d.fft_length, d.padding_mode, d.remove_mean, d.preemphasis,
              d.preemphasis_boundary, d.output, (long)d.num_bands, d.logarithm);
  std::exit(1);
}

void check(const char* isa) {
  const Case c = draw_case();
  const sonogram_definition& d = c.d;
  sonogram_handle* handle = sonogram_create(&d, isa);
  if (!handle) std::exit(2);
  const int32_t dtype = (int32_t)draw(0, 2);
  const int64_t count = draw(1, 3);
  std::vector<Doubles> sources(count);
  const size_t width = dtype == SONOGRAM_FLOAT64 ? 8 : dtype == SONOGRAM_INT16 ? 2 : 4;
  std::unique_ptr<char[]> memory(new char[count * c.total * width]);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t n = 0; n < c.total; ++n) {
      const int16_t value = (int16_t)draw(-32768, 32767);
      const double real = value / 32768.0;
      const float single = (float)real;
      char* place = memory.get() + (i * c.total + n) * width;
      if (dtype == SONOGRAM_INT16) std::memcpy(place, &value, 2);
      else if (dtype == SONOGRAM_FLOAT64) std::memcpy(place, &real, 8);
      else std::memcpy(place, &single, 4);
      sources[i].push_back(real);
    }
  const int64_t width_out = c.columns + (d.energy ? 1 : 0);
  const size_t size = (size_t)(count * c.frames * width_out);
  std::unique_ptr<float[]> out(new float[size]), again(new float[size]);
  sonogram_clips clips = {};
  clips.samples = memory.get();
  clips.count = count, clips.stride = clips.available = clips.total = c.total;
  clips.pad_left = c.left, clips.num_frames = clips.num_valid = c.frames;
  clips.out = out.get(), clips.dtype = dtype, clips.threads = 1;
  if (sonogram_run(handle, &clips)) std::exit(2);
  for (int64_t i = 0; i < count; ++i) {
    const Doubles x = condition(d, sources[i]);
    for (int64_t frame = 0; frame < c.frames; ++frame) {
      Doubles scale;
      const Doubles want = columns_of(c, x, frame, scale);
      const float* got = out.get() + (i * c.frames + frame) * width_out;
      for (size_t k = 0; k < want.size(); ++k)
        if (!(std::fabs(got[k] - want[k]) <= 2e-6 * (scale[k] + 1e-6)))
          fail(c, isa, "against float64", frame, k, got[k], want[k]);
    }
  }
  // The same bits from several threads, and where a frame is the first of its block.
  clips.out = again.get(), clips.threads = 3;
  if (sonogram_run(handle, &clips)) std::exit(2);
  if (size && std::memcmp(out.get(), again.get(), size * 4) != 0) fail(c, isa, "with threads", 0, 0, 0, 0);
  if (c.frames > 1 && d.remove_mean != SONOGRAM_CLIP) {
    const int64_t first = draw(1, c.frames - 1);
    clips.count = 1, clips.first_frame = first, clips.num_frames = clips.num_valid = c.frames - first;
    if (sonogram_run(handle, &clips)) std::exit(2);
    if (std::memcmp(out.get() + first * width_out, again.get(), (size_t)((c.frames - first) * width_out) * 4) != 0)
      fail(c, isa, "from another frame", first, 0, 0, 0);
  }
  sonogram_destroy(handle);
}

struct TailCase {
  sonogram_tail t = {};
  Doubles cepstrum, weights, mean, gain, kept;
  int64_t features, row;
};

void draw_stack(TailCase& c) {
  sonogram_tail& t = c.t;
  t.stack_size = draw(0, 3);
  if (t.stack_size == 0) return;
  t.stack_step = draw(1, t.stack_size), t.stack_before = draw(0, t.stack_size - 1);
  t.stack_pads = (int32_t)draw(0, 1), t.stack_repeats = (int32_t)draw(0, 1), t.stack_by_bands = (int32_t)draw(0, 1);
}

void draw_table(Doubles& table, int64_t count, const double*& place) {
  for (int64_t i = 0; i < count; ++i) table.push_back(draw_real(0.5, 1));
  place = table.data();
}

// Any stages after the columns; what they compute is tested in Python.
void draw_tail(TailCase& c, const sonogram_definition& d, int64_t columns) {
  sonogram_tail& t = c.t;
  t.reference_peak = draw(0, 3) == 0, t.dynamic_range = draw(0, 2) ? 0 : 3;
  int64_t width = columns;
  if (d.energy || draw(0, 1)) width = t.num_coefficients = draw(1, columns);
  t.masked = draw(0, 3) == 0, t.slope = 1.5, t.depth = 7, t.start = -2;
  draw_table(c.cepstrum, t.num_coefficients * columns, t.cepstrum);
  t.deltas = (int32_t)draw(0, SONOGRAM_POSITIVE_DIFFERENCE);
  t.order = t.deltas == SONOGRAM_NO_DELTAS ? 0 : t.deltas == SONOGRAM_POSITIVE_DIFFERENCE ? 1 : draw(1, 3);
  t.delta_size = 2 * draw(0, 3) + 1;
  draw_table(c.weights, t.order * t.delta_size, t.weights);
  c.features = width * (t.order + 1);
  t.normalization = (int32_t)draw(0, SONOGRAM_SLIDING_MEAN);
  t.per_band = (int32_t)draw(0, 1), t.ddof = (int32_t)draw(0, 1), t.epsilon_in_root = (int32_t)draw(0, 1);
  t.has_matrix = (int32_t)draw(0, 1), t.first_frame = (int32_t)draw(0, 1);
  t.epsilon = 1e-3, t.minimum = -1, t.maximum = 1, t.step = draw(0, 1) ? 0 : 0.25, t.smoothing = 0.1, t.scale = 2;
  t.before = draw(0, 20), t.minimum_frames = draw(1, t.before + 1), t.silence = draw(0, 1) ? 0 : 1e-5;
  draw_table(c.mean, t.has_matrix ? c.features : 1, t.mean);
  draw_table(c.gain, t.has_matrix ? c.features : 1, t.gain);
  draw_table(c.kept, c.features, t.kept);
  draw_stack(c);
  c.row = c.features * std::max<int64_t>(t.stack_size, 1);
}

int64_t rows_of(const sonogram_tail& t, int64_t frames) {
  if (t.stack_size == 0) return frames;
  int64_t rows = 0;
  const int64_t covered = t.stack_pads ? 1 : t.stack_size - t.stack_before;
  while (rows * t.stack_step + covered <= frames) ++rows;
  return rows;
}

// A clip has the same bits alone and in a batch with others, on one thread and on several.
void check_tail(const char* isa) {
  Case c;
  do c = draw_case();
  while (c.d.output == SONOGRAM_COMPLEX || c.frames == 0);
  c.d.window = c.window.data();
  c.d.bands = c.bands.empty() ? nullptr : c.bands.data();
  TailCase tail;
  draw_tail(tail, c.d, c.columns);
  c.d.tail = &tail.t;
  sonogram_handle* handle = sonogram_create(&c.d, isa);
  if (!handle) std::exit(2);
  const int64_t count = 5, rows = rows_of(tail.t, c.frames), size = rows * tail.row;
  std::unique_ptr<float[]> samples(new float[(size_t)(count * c.total)]);
  for (int64_t i = 0; i < count * c.total; ++i) samples[(size_t)i] = i < c.total ? 0.25f : (float)draw_real(-1, 1);
  std::unique_ptr<float[]> out(new float[(size_t)(count * size)]), alone(new float[(size_t)size]);
  std::vector<int64_t> totals, valid;
  for (int64_t i = 0; i < count; ++i) totals.push_back(c.total), valid.push_back(draw(0, c.frames));
  sonogram_clips clips = {};
  clips.samples = samples.get(), clips.count = count, clips.stride = clips.available = clips.total = c.total;
  clips.pad_left = c.left, clips.num_frames = c.frames, clips.num_valids = valid.data();
  clips.out = out.get(), clips.threads = 3;
  if (sonogram_run(handle, &clips)) std::exit(2);
  for (int64_t i = 0; i < count; ++i) {
    clips.samples = samples.get() + i * c.total, clips.count = clips.threads = 1;
    clips.num_valids = valid.data() + i, clips.out = alone.get();
    if (sonogram_run(handle, &clips)) std::exit(2);
    if (size && std::memcmp(out.get() + i * size, alone.get(), (size_t)size * 4) != 0)
      fail(c, isa, "with a tail, alone", i, 0, 0, 0);
    const int64_t written = rows_of(tail.t, valid[(size_t)i]) * tail.row;
    for (int64_t k = written; k < size; ++k)
      if (alone[(size_t)k] != 0) fail(c, isa, "after the valid rows", i, (size_t)k, alone[(size_t)k], 0);
  }
  sonogram_destroy(handle);
}

// Several callers at a time, on one definition.
void check_callers() {
  Case c;
  do c = draw_case();
  while (c.frames < 2);
  c.d.window = c.window.data();
  c.d.bands = c.bands.empty() ? nullptr : c.bands.data();
  sonogram_handle* handle = sonogram_create(&c.d, nullptr);
  const std::vector<float> samples((size_t)c.total, 0.25f);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      std::vector<float> out((size_t)(c.frames * (c.columns + 1)) * 8);
      sonogram_clips clips = {};
      clips.samples = samples.data(), clips.count = 8, clips.available = clips.total = c.total;
      clips.pad_left = c.left, clips.num_frames = clips.num_valid = c.frames;
      clips.out = out.data(), clips.threads = 3;
      for (int i = 0; i < 20; ++i)
        if (sonogram_run(handle, &clips)) std::exit(2);
    });
  for (std::thread& caller : callers) caller.join();
  sonogram_destroy(handle);
}

}  // namespace

int main(int count, char** arguments) {
  const int cases = count > 1 ? std::atoi(arguments[1]) : 300;
  std::string isas = sonogram_isas();
  for (size_t at = 0; at < isas.size();) {
    const size_t stop = std::min(isas.find(", ", at), isas.size());
    const std::string isa = isas.substr(at, stop - at);
    generator.seed(20240229);
    for (int i = 0; i < cases; ++i) check(isa.c_str());
    for (int i = 0; i < cases; ++i) check_tail(isa.c_str());
    for (int i = 0; i < cases / 4; ++i) check_kernels(isa.c_str());
    std::printf("%s: %d definitions agree\n", isa.c_str(), cases + cases / 4);
    at = stop + 2;
  }
  for (int i = 0; i < 10; ++i) check_callers();
  if (sonogram_isa("mmx") || sonogram_create(nullptr, "mmx")) return 1;
  std::puts("callers in parallel: no error");
  check_op();
  return 0;
}
