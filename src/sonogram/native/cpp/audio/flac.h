// The frames of a FLAC file by their headers: their numbers show where frames are missing.
#pragma once

#include <stdint.h>

#include <optional>
#include <string>

#include "bytes.h"

namespace sonogram {

// What the first metadata block (STREAMINFO) states.
struct FlacFacts {
  int64_t start = 0;  // of the first frame
  int64_t total = 0;  // samples of each channel; 0: not stated
  int block = 0;      // the largest number of samples in a frame
  int channels = 0, bits = 0;

  // The most bytes that a frame can have.
  int64_t largest_frame() const { return 64 + (int64_t)block * channels * (bits + 8) / 8; }
};

struct FlacFrame {
  int64_t place = 0;
  int64_t number = 0;  // of the frame, or of its first sample
  int64_t next = 0;    // the number of the frame that follows
  int64_t first = 0;   // sample
  int samples = 0;
};

// Nothing where the content is no FLAC file with frames.
std::optional<FlacFacts> flac_facts(const Bytes& bytes);

// Where another FLAC file begins; 0: nowhere. A long file whose frame numbers rise to the end is not searched.
int64_t next_flac(const Bytes& bytes, const FlacFacts& facts);

// The sample after the last frame; 0 where the content does not end with a frame.
int64_t last_sample(const Bytes& bytes, const FlacFacts& facts);

// Follows the frames while a decoder reads the content, and records the first gap.
class FlacWatch {
 public:
  FlacWatch(Content content, const FlacFacts& facts) : content_(std::move(content)), facts_(facts) {}

  // The decoder has read these bytes.
  void see(int64_t position, const char* bytes, int64_t count);

  // The first sample that is missing; -1: there is no gap.
  int64_t gap() const { return gap_; }

 private:
  void take(const FlacFrame& frame);
  bool is_whole(int64_t start, int64_t end);

  Content content_;
  FlacFacts facts_;
  std::string rest_;  // too short for a header
  int64_t position_ = -1;
  int64_t spare_ = 1 << 20;  // bytes that may be read again: what a hostile file costs is bounded
  std::optional<FlacFrame> last_;
  bool confirmed_ = false;  // by the number of the frame before
  int64_t gap_ = -1;
};

}  // namespace sonogram
