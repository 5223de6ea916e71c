// A definition and its framing as bytes: what stands in the node of an op.
#pragma once

#include <string>
#include <vector>

#include "sonogram_native.h"

// How many frames a clip has and where the first one begins; see padding.py, which says why.
struct Framing {
  int64_t dropped;  // samples by which conditioning shortens the clip
  int64_t add;      // frames are (samples + add) / frame_step, where there are samples
  int64_t blank;    // 1: the last frame holds nothing
  int64_t same;     // 1: what the frames lack is split between both ends
  int64_t left;     // samples before the clip that the first window sees, where they are always the same
  int64_t span, within;
};

struct Packed {
  sonogram_definition definition = {};
  Framing framing = {};
  std::vector<double> window, bands;

  int64_t kept(int64_t samples) const;
  int64_t num_frames(int64_t kept) const;
  int64_t num_valid(int64_t kept) const;
  int64_t left(int64_t kept) const;
  int64_t channels() const;
};

// Reads the bytes that pack.py wrote; false where they are not such bytes.
bool unpack(const std::string& bytes, Packed& packed);
