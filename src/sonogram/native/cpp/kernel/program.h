// A definition lowered for the kernel: tables in float32, made once by plan.cpp, read by every thread.
//
// Plain data without inline functions: files compiled for different instruction sets share it.
#pragma once

#include <stdint.h>

#include "filter.h"
#include "sonogram_native.h"

// One complex input of the transform: two samples (or one, where the length is odd).
struct Leg {
  uint32_t re, im;     // where the sample of lane 0 lies, floats from the tile
  float re_weight, im_weight;  // window and scale
};

// Consecutive butterflies of the first pass with the same number of legs that are not 0.
struct Run {
  int32_t first, count, legs;
};

// One pass over `blocks` neighboring sub-transforms of `radix * span` points, or the last two passes
// of as many leaves. Behind each leaf of more than one point
// stays room for another: powers of two would fall on the same lines of the cache.
struct Step {
  int32_t radix;
  int32_t last;    // of a leaf: its second radix; otherwise 0
  int32_t blocks;
  int32_t span;    // points from one leg of a butterfly to the next, that room aside
  int32_t leaf;    // points of a leaf
  uint32_t place;  // floats from the first point
  const float* twiddles;  // (span, radix - 1, 2)
  const float* roots;     // (radix, 2), cosine and sine, where the radix is a general one; or null
};

// Two groups of the last pass, or two points, that hold each other's mirror images.
struct Mirror {
  uint32_t low, high;  // floats from the first point; the same where a group is its own image
  uint32_t shifted;    // bin t faces radix - t, not radix - 1 - t
};

// One or two leaves, and the groups in them that are mirrored.
struct Fold {
  uint32_t place[2];
  int32_t leaves;
  int32_t first, count;  // of the mirrors
};

// A bin in a general band.
struct Term {
  uint32_t place;  // floats from the first point
  float weight;
};

// A bin between the centers of two neighboring triangles: on the falling side of the first, on the
// rising side of the second.
struct Pair {
  uint32_t place;
  float fall, rise;
};

struct Program {
  sonogram_definition definition;  // its pointers are not kept
  int32_t lanes;

  // Tiles: the signal, transposed. Column c of a tile holds the samples c, c + step, c + 2 step...
  int64_t groups;   // of `lanes` frames, in one block
  int64_t reach;    // whole steps from the first sample of a frame to its last
  int64_t columns;  // transposed ones, a multiple of `lanes`
  int64_t pitch;    // floats from one column to the next, a multiple of `lanes`
  int64_t used;     // columns that hold samples
  uint32_t first_sample;  // the column of each frame's own first sample, where it is emphasized
  int32_t emphasize;  // preemphasis in each frame
  float emphasis_rest;  // 1 - coefficient
  int32_t center;     // subtract the mean of each frame
  double folded_scale, sample_scale;  // of the samples: with the window, and when they are read

  // Transform.
  int64_t points;   // complex ones
  int64_t leaf;     // points of a leaf; 1: no leaves
  int64_t room;     // points that the transform takes up
  int32_t odd;      // the transform is of full length, its imaginary input is 0
  int32_t radix;    // of the first pass
  int32_t num_runs;
  int32_t num_steps;
  const Leg* legs;  // (points), in the order of the first pass
  const Run* runs;
  const float* twiddles;  // of the first pass; null where its factors have none
  const float* roots;     // (radix, 2) of the first pass, where the radix is a general one
  const Step* steps;
  const uint32_t* positions;  // (points + 1): where bin k lies after the last pass, in floats
  int32_t last_radix;
  int32_t num_folds, num_loose;
  const Fold* folds;          // null where bins are made after the last pass
  const Mirror* mirrors;
  const Mirror* loose;        // pairs of points that are in no pair of groups
  const float* leaf_twiddles;
  const float* mirror_twiddles;  // (mirrors, last_radix, 2): what separates even from odd samples
  const float* loose_twiddles;   // (loose, 2)

  // Channels.
  int64_t bins;
  int64_t channels;
  const uint32_t* channel_places;  // without bands: where each channel lies
  int32_t triangles;            // no more than two neighboring bands see the same bin
  const Pair* pairs;            // triangular bands: the bins in order
  const uint32_t* pair_counts;  // (num_bands + 1): bins before each center, and after the last
  const Term* terms;            // other bands: the bins of one after the other
  const uint32_t* term_counts;  // (num_bands)
  float log_factor, log_octave;
  float log_inverse[16], log_value[16];

  // Scratch of one thread, floats.
  int64_t segment_size, emphasized_size, tile_size, points_size, spare_size, means_size;
};

// One clip, as the kernel reads it.
struct Clip {
  const void* samples;
  int64_t base, available, total, left;
  double mean;
  int32_t dtype;
};

// What is compiled once for each instruction set.
struct Kernel {
  const char* name;
  int32_t lanes;
  // Computes `count` frames of a clip from `first`, at most groups * lanes, into rows of `channels`.
  void (*block)(const Program* program, const Clip* clip, int64_t first, int64_t count, float* out,
                float* scratch);
  // Other rates: see polyphase.h.
  void (*filter_rows)(const Filter* filter, const float* x, int64_t count, float* out, float* scratch);
  float (*filter_between)(const Filter* filter, const float* x, int64_t phase, float place);
};
