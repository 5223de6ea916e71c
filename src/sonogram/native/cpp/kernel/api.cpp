// The C interface: splits the clips of a call into blocks of frames and runs them on several threads.
#include <string.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

#include "dispatch.h"
#include "lower.h"
#include "memory.h"
#include "pool.h"
#include "tail.h"

using namespace sonogram;

struct sonogram_handle {
  std::unique_ptr<LoweredProgram> lowered;
  const Kernel* kernel;
};

namespace {

// Scratch memory of one thread, kept for its next call.
class Scratch {
 public:
  ~Scratch() { free_floats(memory_); }
  float* reserve(int64_t floats) {
    if (floats > size_) {
      free_floats(memory_);
      size_ = 0;
      // Some more at the end, since vectors are written at unaligned addresses.
      memory_ = allocate_floats(floats + 16);
      if (memory_ == nullptr) return nullptr;
      size_ = floats;
    }
    return memory_;
  }

 private:
  float* memory_ = nullptr;
  int64_t size_ = 0;
};

thread_local Scratch thread_scratch;

struct Call {
  const Program& program;
  const Kernel* kernel;
  const sonogram_clips& clips;
  int64_t block_size;  // frames
  int64_t num_blocks;  // of one clip
  std::vector<double> means = {};  // of each clip; empty where no mean is removed
  std::vector<float> peaks = {};   // of each block; empty where no peak is needed
  std::atomic<bool> failed{false};
};

ClipView clip_at(const Call& call, int64_t index) {
  const sonogram_clips& c = call.clips;
  const int64_t item = c.dtype == SONOGRAM_FLOAT64 ? 8 : c.dtype == SONOGRAM_INT16 ? 2 : 4;
  ClipView clip;
  clip.samples = (const char*)c.samples + index * c.stride * item;
  clip.base = c.base;
  clip.total = c.totals ? c.totals[index] : c.total;
  clip.available = std::max<int64_t>(0, std::min(c.available, clip.total - c.base));
  clip.pad_left = c.pad_lefts ? c.pad_lefts[index] : c.pad_left;
  clip.mean = call.means.empty() ? 0 : call.means[(size_t)index];
  clip.dtype = c.dtype;
  return clip;
}

// One block of the output.
struct Block {
  int64_t clip, first, count;  // frames
  int64_t valid;               // frames of these that hold features
  int64_t stride;              // columns
  float* out;
};

Block block_at(const Call& call, int64_t task) {
  const sonogram_clips& c = call.clips;
  Block block;
  block.clip = task / call.num_blocks;
  block.first = task % call.num_blocks * call.block_size;
  block.count = std::min(call.block_size, c.num_frames - block.first);
  const int64_t valid = c.num_valids ? c.num_valids[block.clip] : c.num_valid;
  block.valid = std::min(std::max<int64_t>(valid - block.first, 0), block.count);
  block.stride = call.program.num_columns + (call.program.definition.energy ? 1 : 0);
  block.out = c.out + (block.clip * c.num_frames + block.first) * block.stride;
  return block;
}

void run_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Block block = block_at(call, task);
  if (block.valid > 0) {
    float* scratch = thread_scratch.reserve(call.program.scratch_size);
    if (scratch == nullptr) {
      call.failed = true;
      return;
    }
    const ClipView clip = clip_at(call, block.clip);
    call.kernel->compute_block(&call.program, &clip, call.clips.first_frame + block.first, block.valid,
                               block.out, scratch);
  }
  const int64_t written = block.valid * block.stride;
  memset(block.out + written, 0, (size_t)(block.count * block.stride - written) * sizeof(float));
  if (!call.peaks.empty()) call.peaks[(size_t)task] = peak_of(block.out, written);
}

void finish_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Block block = block_at(call, task);
  if (block.valid == 0) return;
  const bool has_peaks = !call.peaks.empty();
  const float peak =
      has_peaks ? peak_of(call.peaks.data() + block.clip * call.num_blocks, call.num_blocks) : 0.0f;
  apply_tail(call.program.definition, peak, block.out, block.valid * block.stride);
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

double clip_mean(const ClipView& clip) {
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
  return sonogram_create_of_kernels(definition, nullptr, isa);
}

sonogram_handle* sonogram_create_of_kernels(const sonogram_definition* definition, const sonogram_kernels* kernels,
                                            const char* isa) {
  const Kernel* kernel = find_kernel(isa);
  if (kernel == nullptr) return nullptr;
  try {
    return new sonogram_handle{lower(*definition, kernels, kernel->lanes), kernel};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void sonogram_destroy(sonogram_handle* handle) { delete handle; }

int32_t sonogram_run(const sonogram_handle* handle, const sonogram_clips* clips) {
  if (clips->count == 0 || clips->num_frames == 0) return 0;
  const Program& program = handle->lowered->program;
  const sonogram_definition& definition = program.definition;
  const int64_t block_size = program.groups * program.lanes;
  Call call = {program, handle->kernel, *clips, block_size, (clips->num_frames + block_size - 1) / block_size};
  const int64_t tasks = clips->count * call.num_blocks;
  try {
    if (definition.remove_mean == SONOGRAM_CLIP) {
      std::vector<double> means;
      for (int64_t i = 0; i < clips->count; ++i) means.push_back(clip_mean(clip_at(call, i)));
      call.means = std::move(means);
    }
    if (definition.reference_peak || definition.dynamic_range > 0) call.peaks.resize((size_t)tasks);
  } catch (const std::bad_alloc&) {
    return 1;
  }
  run_parallel(run_block, &call, tasks, clips->threads);
  if (call.failed) return 1;
  if (has_tail(definition)) run_parallel(finish_block, &call, tasks, clips->threads);
  return 0;
}
