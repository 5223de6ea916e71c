#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

#include "dispatch.h"
#include "plan.h"
#include "pool.h"
#include "tail.h"

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
  float* peaks;    // of each block; null where nobody asks
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

// One block of the output.
struct Piece {
  int64_t clip, first, count;  // frames
  int64_t valid;               // of them
  int64_t stride;              // channels
  float* out;
};

Piece piece_at(const Call& call, int64_t task) {
  const sonogram_clips& c = *call.clips;
  const Program& program = call.handle->plan->program;
  Piece piece;
  piece.clip = task / call.blocks;
  piece.first = task % call.blocks * call.block;
  piece.count = std::min(call.block, c.num_frames - piece.first);
  const int64_t valid = c.num_valids ? c.num_valids[piece.clip] : c.num_valid;
  piece.valid = std::min(std::max<int64_t>(valid - piece.first, 0), piece.count);
  piece.stride = program.channels + (program.definition.energy ? 1 : 0);
  piece.out = c.out + (piece.clip * c.num_frames + piece.first) * piece.stride;
  return piece;
}

void run_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Program& program = call.handle->plan->program;
  const Piece piece = piece_at(call, task);
  if (piece.valid > 0) {
    float* scratch = arena.take(scratch_size(program));
    if (scratch == nullptr) {
      call.failed = true;
      return;
    }
    const Clip clip = clip_at(call, piece.clip);
    call.handle->kernel->block(&program, &clip, call.clips->first_frame + piece.first, piece.valid,
                               piece.out, scratch);
  }
  const int64_t written = piece.valid * piece.stride;
  memset(piece.out + written, 0, (size_t)(piece.count * piece.stride - written) * sizeof(float));
  if (call.peaks) call.peaks[task] = peak_of(piece.out, written);
}

void finish_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Piece piece = piece_at(call, task);
  if (piece.valid == 0) return;
  const float peak = call.peaks ? peak_of(call.peaks + piece.clip * call.blocks, call.blocks) : 0.0f;
  apply_tail(call.handle->plan->program.definition, peak, piece.out, piece.valid * piece.stride);
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
  const sonogram_definition& definition = program.definition;
  Call call;
  call.handle = handle;
  call.clips = clips;
  call.means = nullptr;
  call.peaks = nullptr;
  call.block = program.groups * program.lanes;
  call.blocks = (clips->num_frames + call.block - 1) / call.block;
  const int64_t tasks = clips->count * call.blocks;
  std::vector<double> means;
  std::vector<float> peaks;
  try {
    if (definition.remove_mean == SONOGRAM_CLIP) {
      for (int64_t i = 0; i < clips->count; ++i) means.push_back(clip_mean(clip_at(call, i)));
      call.means = means.data();
    }
    if (definition.reference_peak || definition.dynamic_range > 0) {
      peaks.resize((size_t)tasks);
      call.peaks = peaks.data();
    }
  } catch (const std::bad_alloc&) {
    return 1;
  }
  run_parallel(run_block, &call, tasks, clips->threads);
  if (call.failed) return 1;
  if (has_tail(definition)) run_parallel(finish_block, &call, tasks, clips->threads);
  return 0;
}
