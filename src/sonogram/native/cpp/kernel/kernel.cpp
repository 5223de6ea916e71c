// One block of frames, from samples to columns: compiled once for each instruction set.
#include "clip.h"
#include "columns.h"
#include "first_pass.h"
#include "last_pass.h"
#include "polyphase.h"
#include "segment.h"
#include "sums.h"
#include "tile.h"

namespace sonogram::SONOGRAM_ISA {

// The mean of each frame in the two parts that first_pass.h subtracts, and the first sample of frames
// whose predecessor is 0.
static void center_frames(const Program* program, const float* x, int64_t count, const double* means,
                          float* centers, float* first_samples) {
  const sonogram_definition& d = program->definition;
  const bool emphasized = program->frame_preemphasis;
  const int64_t lanes = (count + W - 1) / W * W;
  for (int64_t frame = 0; frame < lanes; ++frame) {
    const double mean = frame < count ? means[frame] : 0;
    const double center = emphasized ? (double)program->one_minus_coefficient * mean : mean;
    centers[frame] = (float)center;
    // Emphasized samples are small, so one part is exact enough; and of a constant frame
    // `emphasize` leaves float(1 - c) times the constant, rounded once, which is this number.
    centers[frame + lanes] = emphasized ? 0.0f : (float)(center - (double)centers[frame]);
    if (emphasized && d.preemphasis_boundary == SONOGRAM_ZERO && frame < count)
      first_samples[frame] = (float)((double)x[frame * d.frame_step] - mean + (double)centers[frame]);
  }
}

// Requests memory that the next group reads or writes, so that it arrives while this one is computed.
// An address beyond the end does no harm: a prefetch never faults.
template <int WRITE>
INLINE void prefetch(const void* begin, int64_t bytes) {
  const uintptr_t address = (uintptr_t)begin;
  for (int64_t offset = 0; offset < bytes; offset += 64)
    __builtin_prefetch((const void*)(address + (uintptr_t)offset), WRITE, 2);
}

// The bins of W frames.
static void transform_group(const Program* program, const float* tile, Mean mean, float* z, float* spare) {
  with_flag(program->remove_frame_mean, [&](auto center) {
    with_flag(program->odd_length, [&](auto odd) { first_pass<center, odd>(program, tile, mean, z, spare); });
  });
  run_passes(program, z, spare);
  points_to_bins(program, z);
}

static void compute_block(const Program* program, const ClipView* clip, int64_t first, int64_t count,
                          float* out, float* scratch) {
  const sonogram_definition& d = program->definition;
  float* samples = scratch;
  float* emphasized = samples + program->segment_size;
  float* tile = emphasized + program->emphasized_size;
  float* z = tile + program->tile_size;
  float* spare = z + program->points_size;
  float* centers = spare + program->spare_size;
  double* means = (double*)(centers + 2 * program->groups * W);

  const int64_t groups = (count + W - 1) / W;
  const int64_t rows = (groups * W + program->reach + W - 1) / W * W;
  const int64_t needed = (count - 1) * d.frame_step + d.frame_length;
  const int64_t size = larger((rows - 1) * d.frame_step + program->phases, needed);
  const int64_t start = first * d.frame_step - clip->pad_left;
  const float* raw = segment(program, clip, start, needed, size, samples);
  float* first_samples = tile + program->first_samples;
  if (program->frame_preemphasis) {
    emphasize(raw, size, program->one_minus_coefficient, emphasized);
    const bool repeats = d.preemphasis_boundary == SONOGRAM_REPEAT;
    const float weight = repeats ? program->one_minus_coefficient : 1.0f;
    for (int64_t row = 0; row < groups * W; ++row) first_samples[row] = raw[row * d.frame_step] * weight;
  }
  fill_tile(program, program->frame_preemphasis ? emphasized : raw, rows, tile);
  const int64_t stride = program->num_columns + (d.energy ? 1 : 0);
  if (program->num_levels > 0) return write_sums(program, rows, count, tile, z, spare, out, stride);
  if (program->remove_frame_mean) {
    frame_means(program, raw, count, means);
    center_frames(program, raw, count, means, centers, first_samples);
  }

  const int64_t group_read = W * d.frame_step, group_written = W * stride;
  for (int64_t group = 0; group < groups; ++group) {
    if (raw != samples) prefetch<0>(raw + needed + group * group_read, group_read * (int64_t)sizeof(float));
    prefetch<1>(out + (group + 1) * group_written, group_written * (int64_t)sizeof(float));
    Mean mean = {splat(0), splat(0)};
    if (program->remove_frame_mean)
      mean = {load(centers + group * W), load(centers + (groups + group) * W)};
    transform_group(program, tile + group * W, mean, z, spare);
    write_columns(program, z, smaller(count - group * W, W), out + group * W * stride, stride);
  }
  if (d.energy)
    for (int64_t frame = 0; frame < count; ++frame) {
      const double mean = program->remove_frame_mean ? means[frame] : 0.0;
      const double own = energy(raw + frame * d.frame_step, d.frame_length, mean) * program->window_scale *
                         program->window_scale;
      // Written so that NaN stays NaN.
      out[frame * stride + program->num_columns] =
          (float)__builtin_log(own < d.energy_floor ? d.energy_floor : own);
    }
}

}  // namespace sonogram::SONOGRAM_ISA

#define SONOGRAM_TEXT_(x) #x
#define SONOGRAM_TEXT(x) SONOGRAM_TEXT_(x)
#define SONOGRAM_NAME_(x) sonogram_kernel_##x
#define SONOGRAM_NAME(x) SONOGRAM_NAME_(x)

extern "C" {
extern const sonogram::Kernel SONOGRAM_NAME(SONOGRAM_ISA);
const sonogram::Kernel SONOGRAM_NAME(SONOGRAM_ISA) = {
    SONOGRAM_TEXT(SONOGRAM_ISA), SONOGRAM_LANES, sonogram::SONOGRAM_ISA::compute_block,
    sonogram::SONOGRAM_ISA::filter_rows, sonogram::SONOGRAM_ISA::filter_between,
    sonogram::SONOGRAM_ISA::multiply, sonogram::SONOGRAM_ISA::peak_of,
    sonogram::SONOGRAM_ISA::finish_frames, sonogram::SONOGRAM_ISA::finish_clip};
}
