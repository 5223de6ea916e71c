// The C interface: splits the clips of a call into blocks of frames and runs them on several threads.
#include <string.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>
#include <utility>
#include <vector>

#include "dispatch.h"
#include "floats.h"
#include "lower.h"
#include "memory.h"
#include "pool.h"

using namespace sonogram;

struct sonogram_handle {
  std::unique_ptr<LoweredProgram> lowered;
  const Kernel* kernel;
};

namespace {

thread_local Scratch thread_scratch;  // of one task
thread_local Scratch caller_scratch;  // of one call

// The clips of a call, or some of them: what is between two steps of theirs should fit the cache.
struct Call {
  const Program& program;
  const Kernel* kernel;
  const sonogram_clips& clips;
  int64_t block_size;  // frames
  int64_t num_blocks;  // of one clip
  int64_t num_rows;    // of the output of one clip
  int64_t first_clip = 0;
  std::vector<double> means = {};  // of each clip; empty where no mean is removed
  std::vector<float> peaks = {};   // of each block; empty where no peak is needed
  std::vector<float> levels = {};  // of clips that repeat one sample; NaN for others; empty where it does not matter
  // Columns and frames between two steps, each clip with some values more; null where nothing is between them.
  float *columns = nullptr, *frames = nullptr;
  std::atomic<bool> failed{false};
};

constexpr int64_t PADDING = 16;  // floats after the frames of a clip

bool needs_peak(const Tail* tail) {
  return tail != nullptr && (tail->rule.reference_peak || tail->rule.dynamic_range > 0);
}

// Whether derivatives or a stack follow, whose rows are not those of the frames.
bool rearranges(const Tail* tail) {
  return tail != nullptr && (tail->rule.deltas != SONOGRAM_NO_DELTAS || tail->rule.stack_size > 0);
}

bool needs_clip(const Tail* tail) {
  return rearranges(tail) || (tail != nullptr && tail->rule.normalization > SONOGRAM_UNIT_PEAK);
}

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
  float *columns, *frames;     // where they are written; columns null: in the scratch memory of the thread
  int64_t width;               // of the frames
};

int64_t num_valid(const Call& call, int64_t clip) {
  const sonogram_clips& c = call.clips;
  return std::max<int64_t>(std::min(c.num_valids ? c.num_valids[clip] : c.num_valid, c.num_frames), 0);
}

float* frames_at(const Call& call, int64_t clip, int64_t width) {
  const int64_t frames = call.clips.num_frames;
  if (call.frames) return call.frames + (clip - call.first_clip) * (frames * width + PADDING);
  return call.clips.out + clip * frames * width;
}

Block block_at(const Call& call, int64_t task) {
  const sonogram_clips& c = call.clips;
  const Tail* tail = call.program.tail;
  const int64_t stride = call.program.num_columns + (call.program.definition.energy ? 1 : 0);
  Block block;
  block.clip = call.first_clip + task / call.num_blocks;
  block.first = task % call.num_blocks * call.block_size;
  block.count = std::min(call.block_size, c.num_frames - block.first);
  block.valid = std::min(std::max<int64_t>(num_valid(call, block.clip) - block.first, 0), block.count);
  block.width = tail ? tail->width : stride;
  block.frames = frames_at(call, block.clip, block.width) + block.first * block.width;
  block.columns = block.frames;
  if (tail && tail->rule.num_coefficients)
    block.columns = call.columns ? call.columns + ((block.clip - call.first_clip) * c.num_frames + block.first) * stride
                                 : nullptr;
  return block;
}

// The value of a column after the scaling.
double scaled(const sonogram_definition& d, double value) {
  if (!d.logarithm) return value;
  if (d.log_zero > 0 && value == 0) value = d.log_zero;
  return std::log(std::max(value, d.log_floor) + d.log_offset) * d.log_factor + d.log_shift;
}

// In clips that repeat one sample, what is not above the rounding error is silence.
void silence_rounding(const Call& call, int64_t clip, float* x, int64_t frames) {
  const float level = call.levels.empty() ? NAN : call.levels[(size_t)clip];
  if (level != level) return;
  const Tail& tail = *call.program.tail;
  const sonogram_definition& d = call.program.definition;
  const double error = detected(d, (double)level * tail.rule.silence);
  for (int64_t i = 0; i < tail.columns; ++i) {
    const double limit = scaled(d, error * tail.total_weights[i]);
    const float silence = (float)scaled(d, tail.silent_bands[i]);
    for (int64_t frame = 0; frame < frames; ++frame) {
      float& value = x[frame * tail.stride + i];
      if ((double)value <= limit) value = silence;
    }
  }
}

void finish_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Block block = block_at(call, task);
  const Tail* tail = call.program.tail;
  if (block.valid == 0) return;
  const float* peaks = call.peaks.data() + (block.clip - call.first_clip) * call.num_blocks;
  float peak = -INFINITY;
  for (int64_t i = 0; i < call.num_blocks; ++i) peak = peak != peak || peaks[i] <= peak ? peak : peaks[i];
  float* scratch = thread_scratch.reserve(frames_scratch(*tail));
  if (scratch == nullptr) call.failed = true;
  else call.kernel->finish_frames(tail, block.columns, block.valid, peak, block.frames, scratch);
}

void run_block(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Block block = block_at(call, task);
  const Program& program = call.program;
  const Tail* tail = program.tail;
  if (block.valid > 0) {
    const bool finishes = tail && !needs_peak(tail);
    const int64_t own = block.columns ? 0 : call.block_size * tail->stride + PADDING;
    const int64_t size = std::max(program.scratch_size, finishes ? frames_scratch(*tail) : 0);
    float* scratch = thread_scratch.reserve(size + own);
    if (scratch == nullptr) {
      call.failed = true;
      return;
    }
    float* columns = own ? scratch + size : block.columns;
    const ClipView clip = clip_at(call, block.clip);
    call.kernel->compute_block(&program, &clip, call.clips.first_frame + block.first, block.valid, columns, scratch);
    silence_rounding(call, block.clip, columns, block.valid);
    if (finishes) call.kernel->finish_frames(tail, columns, block.valid, 0, block.frames, scratch);
  }
  if (needs_peak(tail)) call.peaks[(size_t)task] = call.kernel->peak_of(tail, block.columns, block.valid);
  if (rearranges(tail)) return;
  const int64_t written = block.valid * block.width;
  memset(block.frames + written, 0, (size_t)(block.count * block.width - written) * sizeof(float));
}

void finish_clip(void* context, int64_t task) {
  Call& call = *(Call*)context;
  const Tail& tail = *call.program.tail;
  const int64_t clip = call.first_clip + task, frames = num_valid(call, clip);
  const int64_t rows = num_rows(tail.rule, frames);
  float* out = call.clips.out + clip * call.num_rows * tail.row;
  if (frames > 0) {
    float* scratch = thread_scratch.reserve(clip_scratch(tail, frames));
    if (scratch == nullptr) {
      call.failed = true;
      return;
    }
    call.kernel->finish_clip(&tail, frames_at(call, clip, tail.width), frames, rows, out, scratch);
    thread_scratch.trim();
  }
  memset(out + rows * tail.row, 0, (size_t)((call.num_rows - rows) * tail.row) * sizeof(float));
}

// The largest absolute value of a clip that repeats one sample, up to rounding; NaN for any other. Nearly all clips
// stop at the first samples.
template <typename T>
float level_of(const T* x, int64_t count, double scale) {
  if (count == 0) return NAN;
  double low = (double)x[0], high = low;
  for (int64_t i = 0; i < count; ++i) {
    const double value = (double)x[i];
    low = std::min(low, value), high = std::max(high, value);
    const double size = std::max(std::fabs(low), std::fabs(high));
    if (!(value - value == 0) || !((high - low) - std::ldexp(size, -22) <= 0)) return NAN;
  }
  return (float)(std::max(high, -low) * scale);
}

float clip_level(const ClipView& clip) {
  switch (clip.dtype) {
    case SONOGRAM_FLOAT64: return level_of((const double*)clip.samples, clip.available, 1.0);
    case SONOGRAM_INT16: return level_of((const int16_t*)clip.samples, clip.available, 1.0 / 32768);
    default: return level_of((const float*)clip.samples, clip.available, 1.0);
  }
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

namespace {

constexpr int64_t CACHED = int64_t{1} << 18;  // floats: a part of the last cache that a core has for itself

// Runs all steps for `count` clips from the first one of the call.
bool run_clips(Call& call, int64_t count) {
  const Tail* tail = call.program.tail;
  const int64_t tasks = count * call.num_blocks, frames = call.clips.num_frames;
  if (tail) {
    const int64_t columns = needs_peak(tail) && tail->rule.num_coefficients ? count * frames * tail->stride + PADDING : 0;
    const int64_t between = rearranges(tail) ? count * (frames * tail->width + PADDING) : 0;
    if (columns + between > 0) {
      float* scratch = caller_scratch.reserve(columns + between);
      if (scratch == nullptr) return false;
      call.columns = columns ? scratch : nullptr;
      call.frames = between ? scratch + columns : nullptr;
    }
    if (needs_peak(tail)) call.peaks.resize((size_t)tasks);
  }
  const int32_t threads = call.clips.threads;
  run_parallel(run_block, &call, tasks, threads);
  if (!call.failed && needs_peak(tail)) run_parallel(finish_block, &call, tasks, threads);
  if (!call.failed && needs_clip(tail)) run_parallel(finish_clip, &call, count, threads);
  caller_scratch.trim();
  return !call.failed;
}

}  // namespace

int32_t sonogram_run(const sonogram_handle* handle, const sonogram_clips* clips) {
  if (clips->count == 0 || clips->num_frames == 0) return 0;
  const SubnormalNumbers kept;
  const Program& program = handle->lowered->program;
  const Tail* tail = program.tail;
  const int64_t block_size = program.groups * program.lanes;
  const int64_t rows = tail ? num_rows(tail->rule, clips->num_frames) : clips->num_frames;
  Call call = {program, handle->kernel, *clips, block_size, (clips->num_frames + block_size - 1) / block_size, rows};
  try {
    std::vector<double> means;  // clip_at reads those of the call, which must be complete
    for (int64_t i = 0; i < clips->count && program.definition.remove_mean == SONOGRAM_CLIP; ++i)
      means.push_back(clip_mean(clip_at(call, i)));
    call.means = std::move(means);
    for (int64_t i = 0; i < clips->count && tail && tail->rule.silence > 0; ++i)
      call.levels.push_back(clip_level(clip_at(call, i)));
    // Clips without a tail have one step, so all are taken together.
    const int64_t size = clips->num_frames * program.num_columns;
    const int64_t together = tail ? std::max<int64_t>(clips->threads, CACHED / size) : clips->count;
    for (; call.first_clip < clips->count; call.first_clip += together)
      if (!run_clips(call, std::min(together, clips->count - call.first_clip))) return 1;
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}
