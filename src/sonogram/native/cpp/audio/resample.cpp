#include "resample.h"

#include <string.h>

#include <algorithm>
#include <new>

#include "dispatch.h"
#include "sonogram_audio.h"

namespace sonogram {
namespace {

constexpr int64_t NO_LIMIT = INT64_MAX;
constexpr int64_t LEAST_HELD = 1 << 12;
constexpr int64_t MAX_RATIO = 256;

int64_t up(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

}  // namespace

int64_t num_resampled(int64_t count, int64_t from, int64_t to) {
  return (int64_t)(((__int128)count * to + from - 1) / from);
}

bool can_resample(int64_t from, int64_t to) {
  return std::min(from, to) >= 1 && std::max(from, to) <= MAX_RATIO * std::min(from, to);
}

Resampler::Resampler(std::shared_ptr<const Design> design) : design_(std::move(design)) {
  const Filter& f = design_->filter;
  const int64_t lanes = f.lanes;
  reach_ = f.rows ? (lanes - 1) * f.steps + f.padded : f.pitch;
  capacity_ = up(2 * reach_ + std::max(LEAST_HELD, f.from / f.to + 1), lanes);
  const int64_t size = capacity_ + f.scratch + lanes * f.rows;
  memory_.reset(allocate_floats(size));
  if (!memory_) throw std::bad_alloc();
  std::fill_n(memory_.get(), size, 0.0f);
  scratch_ = memory_.get() + capacity_;
  tile_ = scratch_ + f.scratch;
  taken_ = given_ = phase_ = 0;
  limit_ = NO_LIMIT;
  first_ = 0;
  filled_ = f.before;
}

int64_t Resampler::max_output(int64_t count) const {
  return num_resampled(taken_ + count, design_->filter.from, design_->filter.to) - given_;
}

int64_t Resampler::push(const float* samples, int64_t count, float* out, bool lazy) {
  taken_ += count;
  return feed(samples, count, out, lazy);
}

int64_t Resampler::finish(float* out) {
  const Filter& f = design_->filter;
  limit_ = num_resampled(taken_, f.from, f.to);
  int64_t count = 0;
  while (given_ < limit_) count += feed(nullptr, reach_, out + count, false);
  memset(memory_.get(), 0, (size_t)f.before * sizeof(float));
  taken_ = given_ = phase_ = first_ = 0;
  filled_ = f.before;
  limit_ = NO_LIMIT;
  return count;
}

int64_t Resampler::whole(const float* samples, int64_t count, float* out) {
  const int64_t done = push(samples, count, out, true);
  return done + finish(out + done);
}

int64_t Resampler::feed(const float* samples, int64_t count, float* out, bool lazy) {
  float* held = memory_.get();
  int64_t given = 0;
  for (;;) {
    if (capacity_ - filled_ < std::min(count, reach_)) move_to_front();
    const int64_t taken = std::min(count, capacity_ - filled_);
    if (samples) {
      memcpy(held + filled_, samples, (size_t)taken * sizeof(float));
      samples += taken;
    } else {
      memset(held + filled_, 0, (size_t)taken * sizeof(float));
    }
    filled_ += taken;
    count -= taken;
    given += compute(out + given, lazy || count > 0);
    if (count == 0) return given;
  }
}

void Resampler::move_to_front() {
  float* held = memory_.get();
  filled_ -= first_;
  memmove(held, held + first_, (size_t)filled_ * sizeof(float));
  first_ = 0;
}

int64_t Resampler::compute(float* out, bool lazy) {
  const int64_t available = filled_ - first_;
  return design_->filter.rows ? compute_rows(available, out, lazy) : compute_between(available, out);
}

int64_t Resampler::compute_rows(int64_t available, float* out, bool lazy) {
  const Filter& f = design_->filter;
  int64_t given = 0;
  while (available >= f.columns && given_ < limit_) {
    const int64_t periods = std::min<int64_t>((available - f.columns) / f.steps + 1, f.lanes);
    if (lazy && periods < f.lanes) break;
    if (capacity_ - first_ < reach_) move_to_front();
    design_->kernel->filter_rows(&f, memory_.get() + first_, periods, tile_, scratch_);
    given += give(tile_, periods * f.rows, out + given);
    first_ += periods * f.steps;
    available -= periods * f.steps;
  }
  return given;
}

int64_t Resampler::compute_between(int64_t available, float* out) {
  const Filter& f = design_->filter;
  int64_t given = 0;
  for (; available >= f.pitch && given_ < limit_; ++given) {
    const double place = (double)phase_ / (double)f.to * (double)f.phases;
    const int64_t row = std::min((int64_t)place, f.phases - 1);
    out[given] = design_->kernel->filter_between(&f, memory_.get() + first_, row, (float)(place - (double)row));
    ++given_;
    phase_ += f.from;
    const int64_t passed = phase_ / f.to;
    phase_ %= f.to;
    first_ += passed;
    available -= passed;
  }
  return given;
}

int64_t Resampler::give(const float* from, int64_t count, float* out) {
  count = std::min(count, limit_ - given_);
  memcpy(out, from, (size_t)count * sizeof(float));
  given_ += count;
  return count;
}

}  // namespace sonogram

using namespace sonogram;

struct sonogram_resampler {
  Resampler resampler;
};

int64_t sonogram_num_resampled(int64_t count, int64_t from, int64_t to) { return num_resampled(count, from, to); }

sonogram_resampler* sonogram_resampler_create(int64_t from, int64_t to, const char* isa) {
  const Kernel* kernel = find_kernel(isa);
  if (kernel == nullptr || !can_resample(from, to)) return nullptr;
  try {
    return new sonogram_resampler{Resampler(find_design(from, to, kernel))};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void sonogram_resampler_destroy(sonogram_resampler* resampler) { delete resampler; }

int64_t sonogram_resampler_max_output(const sonogram_resampler* resampler, int64_t count) {
  return resampler->resampler.max_output(count);
}

int64_t sonogram_resampler_push(sonogram_resampler* resampler, const float* samples, int64_t count, float* out) {
  return resampler->resampler.push(samples, count, out);
}

int64_t sonogram_resampler_finish(sonogram_resampler* resampler, float* out) {
  return resampler->resampler.finish(out);
}

int64_t sonogram_resampler_whole(sonogram_resampler* resampler, const float* samples, int64_t count, float* out) {
  return resampler->resampler.whole(samples, count, out);
}
