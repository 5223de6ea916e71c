// A definition lowered for the kernel: tables in float32, made once by lower.cpp, read by every thread.
//
// Plain data without inline functions. Files that are compiled for different instruction sets share it,
// and the linker keeps one copy of an inline function: a processor without AVX-512 could get the copy
// that was compiled with it.
//
// All offsets count floats. A "point" is one complex value of every lane: 2 * lanes floats.
#pragma once

#include <stdint.h>

#include "filter.h"
#include "sonogram_native.h"

namespace sonogram {

// One complex input of the first pass: two samples and their window weights (one sample where the
// length of the transform is odd).
struct ButterflyInput {
  uint32_t re, im;  // offset in the tile of the sample of lane 0
  float re_weight, im_weight;
};

// Consecutive butterflies of the first pass with the same number of inputs that can differ from 0.
struct ButterflyRun {
  int32_t first, count, inputs;
};

// One pass over `blocks` neighboring sub-transforms of `radix * span` points, or the last two passes of
// as many leaves.
struct Pass {
  int32_t radix;
  int32_t last_radix;  // of a leaf; otherwise 0
  int32_t blocks;
  int32_t span;     // points between two inputs of a butterfly, without the gaps after the leaves
  int32_t leaf;     // points of a leaf
  uint32_t offset;  // of the first block
  const float* twiddles;  // (span, radix - 1, 2)
  const float* roots;     // (radix, 2): cosine and sine, for radices without a written butterfly; or null
};

// Two butterflies of the last pass, or two points, of which one holds the bins k and the other the bins
// points - k. A butterfly can be its own partner: then both offsets are the same.
struct ConjugatePair {
  uint32_t low, high;
  uint32_t rotated;  // output t has its partner at (radix - t) % radix; otherwise at radix - 1 - t
};

// Two leaves of which each holds the conjugate bins of the other, or one leaf that holds its own.
struct LeafPair {
  uint32_t offset[2];
  int32_t leaves;
  int32_t first, count;  // range in the butterfly pairs
};

// The weight of one bin in one band.
struct BandWeight {
  uint32_t offset;  // of the bin
  float weight;
};

// The weights of a bin between the centers of two neighboring triangles: on the falling side of the
// lower one and on the rising side of the upper one.
struct TriangleWeights {
  uint32_t offset;  // of the bin
  float falling, rising;
};

// The samples at half the rate of the level before, as a tile; see halving.h.
struct Level {
  int64_t step;    // samples from one frame to the next
  int64_t phases;  // of the tile
  int64_t tile;    // offset of the tile
  int64_t first;   // sample of the level before, in its frame, at which this one has its first sample
  int64_t taps;    // samples at one side of the center that a kernel has, the center included
  const uint32_t* offsets;  // (taps, 2): in all tiles, of the samples after and before the center of a frame
  int32_t first_block, num_blocks;
};

enum { ROWS_OF_BLOCK = 3, GROUPS_OF_SUMS = 2, FOLDED_SAMPLES = 32, TILE_GAP = 16 };

// Kernels of neighboring lengths, which are computed together; see sums.h.
struct KernelBlock {
  int64_t taps;          // of the longest
  const float* factors;  // (taps, ROWS_OF_BLOCK, 2): of the sums and of the differences
  uint32_t points[ROWS_OF_BLOCK];  // offset of the bin
  uint32_t exchanged[ROWS_OF_BLOCK];  // the sums give the imaginary part
  float constants[ROWS_OF_BLOCK];     // the sums for samples that are all 1
};

// Columns of a matrix that take the same values: all, or the sums or the differences of mirrored ones.
struct ProductPart {
  int64_t count, terms;
  const float* weights;     // (count, terms)
  const uint32_t* columns;  // (count): their places in the result
};

// A matrix. Columns of a cosine transform are symmetric or antisymmetric: half of the products are enough.
struct Product {
  int64_t terms, columns;
  int32_t folded, num_parts;
  ProductPart parts[2];
  int64_t scratch_size;
};

// What follows the columns; see sonogram_tail. `stride` to `row` count the values of one frame or row.
struct Tail {
  sonogram_tail rule;  // its pointers are null
  int64_t columns;     // bands
  int64_t stride;      // with the log energy
  int64_t width;       // after the cepstrum
  int64_t features;    // after the derivatives
  int64_t row;         // after the stack
  Product product;
  const float *weights, *kept;
  const double *mean, *gain;
  const double* total_weights;  // (columns): sums of the absolute weights of the bins
  const double* silent_bands;   // (columns): digital silence, in which a bin is not 0 with an epsilon or a floor
};

struct Program {
  sonogram_definition definition;  // its pointers are null
  int32_t lanes;
  int32_t frame_preemphasis, remove_frame_mean;
  float one_minus_coefficient;  // of the pre-emphasis
  // The factor on the samples is applied with the window where it is a power of two, which costs nothing
  // and rounds nothing, and otherwise when samples are read.
  double window_scale, sample_scale;

  // Tile; see tile.h.
  int64_t groups;  // of `lanes` frames in one block
  int64_t reach;   // whole steps from the first sample of a frame to its last
  int64_t phases;  // a multiple of `lanes`
  int64_t pitch;   // floats from one phase to the next, a multiple of `lanes`
  uint32_t first_samples;  // offset of the emphasized first sample of each frame

  // Transform; see lower.cpp for the order of the passes and transform.h for the layout.
  int64_t points;
  int64_t leaf;           // points of a leaf; 1: no leaves
  int64_t stored_points;  // with the gaps after the leaves and the last bin
  int32_t odd_length;     // full length with an imaginary input of 0; otherwise half the length
  int32_t radix, last_radix;
  int32_t num_runs, num_passes, num_leaf_pairs, num_point_pairs;
  const ButterflyInput* inputs;  // (points), in the order of the first pass
  const ButterflyRun* runs;
  const float* twiddles;  // of the first pass; null where all are 1
  const float* roots;     // of the first pass, as in Pass
  const Pass* passes;     // those after the first
  const uint32_t* bins;   // (points + 1): offset of bin k after the last pass
  const LeafPair* leaf_pairs;  // null where there are no leaves
  const ConjugatePair* butterfly_pairs;
  const ConjugatePair* point_pairs;  // those that are in no pair of butterflies
  const float* leaf_twiddles;
  const float* butterfly_pair_twiddles;  // (pairs, last_radix, 2); see bins.h
  const float* point_pair_twiddles;      // (pairs, 2)

  // Kernels in place of a transform: no levels otherwise.
  int32_t num_levels;
  const Level* levels;
  const KernelBlock* blocks;

  // Columns of the output, the log energy not counted.
  int64_t num_bins, num_columns;
  const uint32_t* column_offsets;      // without bands: offset of each column
  int32_t triangles;                   // no bin has a weight in more than two neighboring bands
  const TriangleWeights* triangle_weights;  // of the bins in order
  const uint32_t* triangle_counts;     // (num_bands + 1): bins below each center, and above the last
  const BandWeight* band_weights;      // any other bands: bins of the first band, of the second...
  const uint32_t* band_counts;         // (num_bands)
  const Tail* tail;                    // or null
  float log_factor, log_octave;
  float log_inverse[16], log_value[16];  // see logarithm.h

  // Scratch memory of one thread, floats: its parts in order (means come last) and all of it.
  int64_t segment_size, emphasized_size, tile_size, points_size, spare_size, scratch_size;
};

// One clip; see sonogram_clips.
struct ClipView {
  const void* samples;
  int64_t base, available, total, pad_left;
  double mean;
  int32_t dtype;
};

// The functions that are compiled once for each instruction set.
struct Kernel {
  const char* name;
  int32_t lanes;
  // Computes `count` frames of a clip from `first`, at most groups * lanes, into rows of columns.
  void (*compute_block)(const Program* program, const ClipView* clip, int64_t first, int64_t count,
                        float* out, float* scratch);
  // Resampling; see polyphase.h.
  void (*filter_rows)(const Filter* filter, const float* x, int64_t count, float* out, float* scratch);
  float (*filter_between)(const Filter* filter, const float* x, int64_t phase, float place);
  // Writes rows times a matrix; see product.h.
  void (*multiply)(const Product* product, const float* x, int64_t stride, int64_t rows, float reference, float limit,
                   float* out, float* scratch);
  // See frames.h and clip.h.
  float (*peak_of)(const Tail* tail, const float* x, int64_t frames);
  void (*finish_frames)(const Tail* tail, float* x, int64_t frames, float peak, float* out, float* scratch);
  void (*finish_clip)(const Tail* tail, float* x, int64_t frames, int64_t rows, float* out, float* scratch);
};

}  // namespace sonogram
