// One block of frames, from samples to channels: compiled once for each instruction set.
#include "channels.h"
#include "first_pass.h"
#include "mirror.h"
#include "polyphase.h"
#include "segment.h"
#include "tile.h"

namespace SONOGRAM_ISA {

// What is subtracted from the samples of each frame, in two parts since one float32 is rounded; and
// the first sample where it depends on the mean.
static void center_frames(const Program* program, const float* x, int64_t count, const double* means,
                          float* centers, float* first) {
  const sonogram_definition& d = program->definition;
  const int64_t lanes = (count + W - 1) / W * W;
  for (int64_t frame = 0; frame < lanes; ++frame) {
    const double mean = frame < count ? means[frame] : 0;
    const double center = program->emphasize ? (double)program->emphasis_rest * mean : mean;
    centers[frame] = (float)center;
    // What is emphasized is small already, and a constant must leave nothing.
    centers[frame + lanes] = program->emphasize ? 0.0f : (float)(center - (double)centers[frame]);
    if (program->emphasize && d.preemphasis_first == SONOGRAM_KEEP && frame < count)
      first[frame] = (float)((double)x[frame * d.frame_step] - mean + (double)centers[frame]);
  }
}

// Asks for memory that the next groups will read or write: what comes from beyond the cache arrives
// while this group is computed. Addresses beyond the end do no harm; none is followed.
template <int Write>
INLINE void fetch(const void* begin, int64_t bytes) {
  const uintptr_t address = (uintptr_t)begin;
  for (int64_t offset = 0; offset < bytes; offset += 64)
    __builtin_prefetch((const void*)(address + (uintptr_t)offset), Write, 2);
}

static void transform_group(const Program* program, const float* tile, Center center, float* z,
                            float* spare) {
  if (program->odd) {
    if (program->center) first_pass<true, true>(program, tile, center, z, spare);
    else first_pass<false, true>(program, tile, center, z, spare);
  } else {
    if (program->center) first_pass<true, false>(program, tile, center, z, spare);
    else first_pass<false, false>(program, tile, center, z, spare);
  }
  transform(program, z, spare);
  if (program->odd) detect(program, z);
  else if (program->folds) finish_leaves(program, z);
  else split_rest(program, z);
}

static void block(const Program* program, const Clip* clip, int64_t first, int64_t count, float* out,
                  float* scratch) {
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
  const int64_t size = larger((rows - 1) * d.frame_step + program->columns, needed);
  const int64_t start = first * d.frame_step - clip->left;
  const float* raw = segment(program, clip, start, needed, size, samples);
  float* first_samples = tile + program->first_sample;
  if (program->emphasize) {
    emphasize(raw, size, program->emphasis_rest, emphasized);
    const float weight = d.preemphasis_first == SONOGRAM_REPEAT ? program->emphasis_rest : 1.0f;
    for (int64_t row = 0; row < groups * W; ++row)
      first_samples[row] = raw[row * d.frame_step] * weight;
  }
  fill_tile(program, program->emphasize ? emphasized : raw, rows, tile);
  if (program->center) {
    frame_means(program, raw, count, means);
    center_frames(program, raw, count, means, centers, first_samples);
  }

  const int64_t stride = program->channels + (d.energy ? 1 : 0);
  const int64_t read = W * d.frame_step, written = W * stride;  // by a group
  for (int64_t group = 0; group < groups; ++group) {
    if (raw != samples) fetch<0>(raw + needed + group * read, read * (int64_t)sizeof(float));
    fetch<1>(out + (group + 1) * written, written * (int64_t)sizeof(float));
    Center center = {splat(0), splat(0)};
    if (program->center)
      center = {load(centers + group * W), load(centers + (groups + group) * W)};
    transform_group(program, tile + group * W, center, z, spare);
    emit(program, z, smaller(count - group * W, W), out + group * W * stride, stride);
  }
  if (d.energy)
    for (int64_t frame = 0; frame < count; ++frame) {
      const double own =
          energy(raw + frame * d.frame_step, d.frame_length, program->center ? means[frame] : 0.0) *
          program->folded_scale * program->folded_scale;
      // NaN stays NaN.
      out[frame * stride + program->channels] =
          (float)__builtin_log(own < d.energy_floor ? d.energy_floor : own);
    }
}

}  // namespace SONOGRAM_ISA

#define SONOGRAM_TEXT_(x) #x
#define SONOGRAM_TEXT(x) SONOGRAM_TEXT_(x)
#define SONOGRAM_NAME_(x) sonogram_kernel_##x
#define SONOGRAM_NAME(x) SONOGRAM_NAME_(x)

extern "C" {
extern const Kernel SONOGRAM_NAME(SONOGRAM_ISA);
const Kernel SONOGRAM_NAME(SONOGRAM_ISA) = {SONOGRAM_TEXT(SONOGRAM_ISA), SONOGRAM_LANES,
                                            SONOGRAM_ISA::block, SONOGRAM_ISA::filter_rows,
                                            SONOGRAM_ISA::filter_between};
}
