// The filter of a resampler: a windowed sinc, designed in float64.
#include "design.h"

#include <math.h>

#include <algorithm>
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
    if (f.to <= MAX_ROWS && f.to * f.taps <= MAX_WEIGHTS) tabulate_all();
    else tabulate_some();
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
