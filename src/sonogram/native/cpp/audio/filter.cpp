// The filter of a resampler: a windowed sinc, designed in float64.
#include "design.h"

#include <math.h>

#include <algorithm>
#include <complex>
#include <list>
#include <mutex>
#include <new>
#include <numeric>

#include "system.h"

namespace sonogram {
namespace {

// Half the length in samples of the lower rate, and the cutoff as a share of its Nyquist frequency. With a
// Kaiser window of this length and beta, the passband ends at 0.9 and the stopband (-104 dB) begins at 1,
// so nothing aliases.
constexpr int64_t HALF = 68;
constexpr double CUTOFF = 0.95;
constexpr double PI = 3.14159265358979323846;
constexpr double BETA = 10.5;

constexpr int64_t MAX_TRANSFORMS = 16;  // of a fast convolution: with more, its products of spectra exceed the sums
constexpr int64_t MAX_ROWS = 1024;     // outputs of one lane: the delay of a stream
constexpr int64_t MAX_WEIGHTS = 1 << 19;
constexpr int64_t FEW_ROWS = 96;       // with fewer rows, filling a tile costs too much compared with the sums
constexpr double PHASES = 1024;        // phases per sample of the lower rate: linear interpolation between them errs by -119 dB

double bessel(double x) {  // modified, of order 0
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

const double NORM = bessel(BETA);

// Impulse response at `t` samples of the lower rate from the center: a sinc with cutoff 0.95, times the
// Kaiser window I0(beta sqrt(1 - (t / HALF)^2)) / I0(beta).
double response(double t) {
  const double edge = 1 - (t / HALF) * (t / HALF);
  if (edge <= 0) return 0;
  const double angle = PI * CUTOFF * t;
  const double sinc = fabs(angle) < 1e-9 ? 1 : sin(angle) / angle;
  return CUTOFF * sinc * bessel(BETA * sqrt(edge)) / NORM;
}

int64_t up(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

class Designer {
 public:
  Designer(int64_t from, int64_t to, const Kernel* kernel) : design_(std::make_shared<Design>()) {
    design_->kernel = kernel;
    Filter& f = design_->filter;
    const int64_t divisor = std::gcd(from, to);
    f = Filter{};
    f.from = from / divisor;
    f.to = to / divisor;
    f.lanes = kernel->lanes;
    stretch_ = std::max(1.0, (double)f.from / (double)f.to);
    const int64_t half = (int64_t)ceil(HALF * stretch_);
    f.before = half - 1;
    f.taps = 2 * half;
  }

  std::shared_ptr<const Design> make() {
    Filter& f = design_->filter;
    if (f.from != f.to && f.from + f.to <= MAX_TRANSFORMS) tabulate_transforms();
    else if (f.to <= MAX_ROWS && f.to * f.taps <= MAX_WEIGHTS) tabulate_all();
    else tabulate_some();
    if (f.rows) f.scratch = f.lanes * (f.padded + f.rows + f.lanes + FILTER_GROUP);
    if (f.size) f.scratch += 2 * f.lanes * (f.size + 8) * (1 + f.to);
    f.groups = design_->groups.data();
    f.weights = f.table = design_->weights.get();
    return design_;
  }

 private:
  // Taps of an output that lies `fraction` of a sample after an input. Downsampling stretches the response
  // by `stretch_`, which lowers the cutoff to the new Nyquist frequency. The taps are divided by their sum,
  // so that a constant input gives the same constant.
  void taps_at(double fraction, std::vector<double>& taps) const {
    const Filter& f = design_->filter;
    if (f.from == f.to) {  // one rate: nothing changes
      std::fill(taps.begin(), taps.end(), 0.0);
      taps[(size_t)f.before] = 1;
      return;
    }
    double sum = 0;
    for (int64_t k = 0; k < f.taps; ++k) sum += taps[k] = response((fraction + (double)(f.before - k)) / stretch_);
    for (double& tap : taps) tap /= sum;
  }

  void tabulate_all() {
    Filter& f = design_->filter;
    const int64_t wanted = std::clamp<int64_t>(MAX_WEIGHTS / 2 / f.taps, FILTER_GROUP, FEW_ROWS);
    const int64_t periods = (wanted + f.to - 1) / f.to;
    f.rows = f.to * periods;
    f.steps = f.from * periods;
    const int64_t num_groups = (f.rows + FILTER_GROUP - 1) / FILTER_GROUP;
    int64_t size = 0;
    for (int64_t g = 0; g < num_groups; ++g) {
      const int64_t first = g * FILTER_GROUP, last = std::min(first + FILTER_GROUP, f.rows) - 1;
      FilterGroup group;
      group.first = (int32_t)(first * f.from / f.to);
      group.width = (int32_t)(last * f.from / f.to - group.first + f.taps);
      group.weights = size;
      size += group.width * FILTER_GROUP;
      design_->groups.push_back(group);
    }
    f.num_groups = (int32_t)num_groups;
    f.columns = design_->groups.back().first + design_->groups.back().width;
    f.padded = up(f.columns, f.lanes);
    allocate(size);
    std::vector<double> taps((size_t)f.taps);
    for (int64_t row = 0; row < f.rows; ++row) {
      taps_at((double)(row * f.from % f.to) / (double)f.to, taps);
      const FilterGroup& group = design_->groups[(size_t)(row / FILTER_GROUP)];
      float* weights = design_->weights.get() + group.weights + row % FILTER_GROUP;
      const int64_t start = row * f.from / f.to - group.first;
      for (int64_t k = 0; k < f.taps; ++k) weights[(start + k) * FILTER_GROUP] = (float)taps[k];
    }
  }

  // See convolution.h. A block gives `valid` outputs of each phase, from as many inputs of each phase as a
  // transform has points.
  void tabulate_transforms() {
    Filter& f = design_->filter;
    const int64_t reach = ((f.to - 1) * f.from / f.to + f.taps + f.from - 1) / f.from;  // inputs of one phase
    f.size = 64;
    while (f.size < 256 && 8 * f.size < 15 * reach) f.size *= 2;
    f.valid = f.size - reach + 1;
    f.rows = 2 * f.valid * f.to;
    f.steps = 2 * f.valid * f.from;
    f.columns = f.from * (f.size + f.valid);
    f.padded = up(f.columns, f.lanes);
    roots_.resize((size_t)f.size);
    for (int64_t n = 0; n < f.size; ++n) roots_[(size_t)n] = std::polar(1.0, 2 * PI * (double)n / (double)f.size);
    const int64_t middle = f.size / 32, part = f.size / 8;  // the radices are 8, `middle` and 4
    allocate(14 * part + 8 * (middle - 1) + 2 * f.size * f.from * f.to);
    float* out = store_twiddles(design_->weights.get(), 8, part, 1);
    out = store_twiddles(out, middle, 4, 8);
    std::vector<std::vector<double>> taps((size_t)f.to, std::vector<double>((size_t)f.taps));
    for (int64_t q = 0; q < f.to; ++q) taps_at((double)(q * f.from % f.to) / (double)f.to, taps[(size_t)q]);
    for (int64_t p = 0; p < f.from; ++p)
      for (int64_t place = 0; place < f.size; ++place) {
        const int64_t bin = place / part + 8 * (place / 4 % middle + middle * (place % 4));
        for (int64_t q = 0; q < f.to; ++q) out = store_response(out, taps[(size_t)q], p - q * f.from / f.to, bin);
      }
  }

  float* store_twiddles(float* out, int64_t radix, int64_t count, int64_t turn) const {
    for (int64_t j = 0; j < count; ++j)
      for (int64_t r = 1; r < radix; ++r) out = store(out, std::conj(root(j * r * turn)));
    return out;
  }

  // The transform of each from-th tap, of which the first one may lie before the taps.
  float* store_response(float* out, const std::vector<double>& taps, int64_t first, int64_t bin) const {
    const Filter& f = design_->filter;
    std::complex<double> sum = 0;
    for (int64_t j = 0; first + j * f.from < f.taps; ++j)
      if (first + j * f.from >= 0) sum += taps[(size_t)(first + j * f.from)] * root(j * bin);
    return store(out, sum / (double)f.size);
  }

  std::complex<double> root(int64_t turn) const { return roots_[(size_t)turn % roots_.size()]; }

  static float* store(float* out, std::complex<double> value) {
    out[0] = (float)value.real(), out[1] = (float)value.imag();
    return out + 2;
  }

  void tabulate_some() {
    Filter& f = design_->filter;
    f.phases = std::max<int64_t>(2, (int64_t)ceil(PHASES / stretch_));
    f.pitch = up(f.taps, f.lanes);
    allocate((f.phases + 1) * f.pitch);
    std::vector<double> taps((size_t)f.taps);
    for (int64_t row = 0; row < f.phases + 1; ++row) {
      taps_at((double)row / (double)f.phases, taps);
      float* weights = design_->weights.get() + row * f.pitch;
      for (int64_t k = 0; k < f.taps; ++k) weights[k] = (float)taps[k];
    }
  }

  void allocate(int64_t floats) {
    float* memory = allocate_floats(floats);
    if (memory == nullptr) throw std::bad_alloc();
    design_->weights.reset(memory);
    std::fill(memory, memory + floats, 0.0f);
  }

  std::shared_ptr<Design> design_;
  double stretch_;
  std::vector<std::complex<double>> roots_;  // of 1
};

struct Known {
  int64_t from, to;
  std::shared_ptr<const Design> design;
};

struct Designs {
  std::mutex mutex;
  std::list<Known> known;  // the last one used first
};

Designs* const designs = new Designs;  // never destroyed: threads may outlive the statics

// After a fork the child has no other thread; the mutex may be locked and the cache half changed, so both
// are created again.
void forget() { new (designs) Designs; }

[[maybe_unused]] const int registered = after_fork(forget);

}  // namespace

std::shared_ptr<const Design> find_design(int64_t from, int64_t to, const Kernel* kernel) {
  constexpr size_t KEPT = 32;
  std::list<Known>& known = designs->known;
  const std::lock_guard<std::mutex> lock(designs->mutex);
  for (auto it = known.begin(); it != known.end(); ++it)
    if (it->from == from && it->to == to && it->design->kernel == kernel) {
      known.splice(known.begin(), known, it);
      return it->design;
    }
  known.push_front({from, to, Designer(from, to, kernel).make()});
  if (known.size() > KEPT) known.pop_back();
  return known.front().design;
}

}  // namespace sonogram
