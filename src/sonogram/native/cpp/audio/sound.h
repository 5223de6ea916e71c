// Decodes, checks and mixes sounds; the channels are stored one after another.
#pragma once

#include <stdint.h>

#include <vector>

#include "program.h"
#include "reader.h"

namespace sonogram {

// How much of the channels their mean keeps, judged by some of the samples.
class MixLevels {
 public:
  void add(const float* frames, int64_t count, int32_t channels);

  // The power of the channels divided by that of their mean; 1 if there is no sound.
  double loss() const;

 private:
  int64_t count_ = 0;
  double power_ = 0, mixed_power_ = 0;
};

// A sound for sequential reading.
class SoundStream {
 public:
  explicit SoundStream(const Content& content) : reader_(open_sound(content)) {}

  const SoundReader& facts() const { return *reader_; }

  // Moves forward to a frame, exactly: by decoding if the codec cannot seek.
  void go_to(int64_t frame);

  // Reads at most `count` frames to out[channel * stride + i]; mono: only the mean of the channels. Fewer at
  // the end. Throws SoundError if a sample is not finite, or if there are fewer frames than declared. The
  // frames before an error come first; the next call throws it.
  int64_t read(float* out, int64_t stride, int64_t count, bool mono);

  // Of what was read as mono.
  const MixLevels& levels() const { return levels_; }

 private:
  void check_finite(const float* frames, int64_t count) const;

  Reader reader_;
  int64_t position_ = 0;
  std::optional<SoundError> failed_;
  MixLevels levels_;
  std::vector<float> frames_;
};

struct SoundRequest {
  int64_t sample_rate = 0;  // 0: that of the file
  bool resamples = true;    // false: a sound at another rate is an error
  bool mono = true;
  bool partial = false;     // true: a truncated sound is read as far as it goes
};

struct Sound {
  std::vector<std::vector<float>> planes;  // channels
  int32_t sample_rate = 0;
};

// Reads a whole sound, resampled by the filter of this library. Throws SoundError and std::bad_alloc.
Sound decode(const Content& content, const SoundRequest& request, const Kernel* kernel);

}  // namespace sonogram
