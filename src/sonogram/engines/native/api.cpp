#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

#include "dispatch.h"
#include "plan.h"
#include "pool.h"

struct sonogram_handle {
  std::unique_ptr<Plan> plan;
  const Kernel* kernel;
};

namespace {

// Memory of one thread, kept for its next call.
class Arena {
 public:
  ~Arena() { free(memory_); }
  float* take(int64_t floats) {
    if (floats > size_) {
      free(memory_);
      size_ = 0;
      // Whole lines and vectors; a little to spare, since vectors are written at unaligned places.
      memory_ = (float*)aligned_alloc(64, (size_t)(floats + 31) / 16 * 64);
      if (memory_ == nullptr) return nullptr;
      size_ = floats;
    }
    return memory_;
  }

 private:
  float* memory_ = nullptr;
  int64_t size_ = 0;
};

thread_local Arena arena;

struct Call {
  const sonogram_handle* handle;
  const sonogram_clips* clips;
  const double* means;
  int64_t block;   // frames
  int64_t blocks;  // of one clip
  std::atomic<bool> failed{false};
};

size_t size_of(int32_t dtype) {
  return dtype == SONOGRAM_FLOAT64 ? 8 : dtype == SONOGRAM_INT16 ? 2 : 4;
}

Clip clip_at(const Call& call, int64_t index) {
  const sonogram_clips& c = *call.clips;
  Clip clip;
  clip.samples = (const char*)c.samples + index * c.stride * (int64_t)size_of(c.dtype);
  clip.base = c.base;
  clip.total = c.totals ? c.totals[index] : c.total;
  clip.available = std::max<int64_t>(0, std::min(c.available, clip.total - c.base));
  clip.left = c.lefts ? c.lefts[index] : c.left;
  clip.mean = call.means ? call.means[index] : 0;
  clip.dtype = c.dtype;
  return clip;
}

void run_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const sonogram_clips& c = *call.clips;
  const Program& program = call.handle->plan->program;
  const int64_t index = task / call.blocks, first = task % call.blocks * call.block;
  const int64_t stride = program.channels + (program.definition.energy ? 1 : 0);
  float* out = c.out + (index * c.num_frames + first) * stride;
  const int64_t valid = c.num_valids ? c.num_valids[index] : c.num_valid;
  const int64_t count = std::min(call.block, c.num_frames - first);
  const int64_t computed = std::min(std::max<int64_t>(valid - first, 0), count);
  if (computed > 0) {
    float* scratch = arena.take(scratch_size(program));
    if (scratch == nullptr) {
      call.failed = true;
      return;
    }
    const Clip clip = clip_at(call, index);
    call.handle->kernel->block(&program, &clip, c.first_frame + first, computed, out, scratch);
  }
  memset(out + computed * stride, 0, (size_t)((count - computed) * stride) * sizeof(float));
}

template <typename T>
double mean_of(const T* x, int64_t count, double scale) {
  double totals[8] = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; ++lane) totals[lane] += (double)x[i + lane];
  double total = 0;
  for (; i < count; ++i) total += (double)x[i];
  for (const double part : totals) total += part;
  return count > 0 ? total * scale / (double)count : 0.0;
}

double clip_mean(const Clip& clip) {
  switch (clip.dtype) {
    case SONOGRAM_FLOAT64: return mean_of((const double*)clip.samples, clip.available, 1.0);
    case SONOGRAM_INT16: return mean_of((const int16_t*)clip.samples, clip.available, 1.0 / 32768);
    default: return mean_of((const float*)clip.samples, clip.available, 1.0);
  }
}

}  // namespace

int32_t sonogram_abi(void) { return SONOGRAM_ABI; }

const char* sonogram_isa(const char* wanted) {
  const Kernel* kernel = find_kernel(wanted);
  return kernel ? kernel->name : nullptr;
}

const char* sonogram_isas(void) { return kernel_names(); }

sonogram_handle* sonogram_create(const sonogram_definition* definition, const char* isa) {
  const Kernel* kernel = find_kernel(isa);
  if (kernel == nullptr) return nullptr;
  try {
    return new sonogram_handle{make_plan(*definition, kernel->lanes), kernel};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void sonogram_destroy(sonogram_handle* handle) { delete handle; }

int32_t sonogram_run(const sonogram_handle* handle, const sonogram_clips* clips) {
  if (clips->count == 0 || clips->num_frames == 0) return 0;
  const Program& program = handle->plan->program;
  Call call;
  call.handle = handle;
  call.clips = clips;
  call.means = nullptr;
  call.block = program.groups * program.lanes;
  call.blocks = (clips->num_frames + call.block - 1) / call.block;
  std::vector<double> means;
  try {
    if (program.definition.remove_mean == SONOGRAM_CLIP) {
      for (int64_t i = 0; i < clips->count; ++i) means.push_back(clip_mean(clip_at(call, i)));
      call.means = means.data();
    }
  } catch (const std::bad_alloc&) {
    return 1;
  }
  run_parallel(run_block, &call, clips->count * call.blocks, clips->threads);
  return call.failed ? 1 : 0;
}
