// A definition and its framing as bytes: an attribute in the node of an op, so that a graph is complete.
#pragma once

#include <string>
#include <vector>

#include "sonogram_native.h"

namespace sonogram {

// The number of frames of a clip and the position of the first one. padding.py derives these rules.
struct Framing {
  int64_t dropped;     // samples by which conditioning shortens the clip
  int64_t added;       // a clip that is not empty has (samples + added) / frame_step frames
  int64_t zero_last;   // 1: the last frame is 0
  int64_t splits;      // 1: the padding depends on the length and is split between both ends
  int64_t pad_left;    // samples of the first window before the clip, where they do not depend on the length
  int64_t frame_span;  // samples from the first to the last that a frame spans
  int64_t window_offset;
};

struct PackedDefinition {
  sonogram_definition definition = {};
  Framing framing = {};
  sonogram_tail tail = {};
  std::vector<double> window, bands, cepstrum, weights, mean, gain, kept;

  // `conditioned` is a number of samples after conditioning.
  int64_t num_conditioned(int64_t samples) const;
  int64_t num_frames(int64_t conditioned) const;
  int64_t num_valid(int64_t conditioned) const;
  int64_t pad_left(int64_t conditioned) const;
  int64_t num_rows(int64_t frames) const;
  int64_t num_columns() const;  // of the result
};

// Reads the bytes that pack.py writes; returns false where they are anything else.
bool unpack(const std::string& bytes, PackedDefinition& packed);

}  // namespace sonogram
