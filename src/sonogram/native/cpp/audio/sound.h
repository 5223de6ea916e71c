// Sounds to samples: decoded, checked, mixed, one channel after another.
#pragma once

#include <stdint.h>

#include <vector>

#include "program.h"
#include "reader.h"

namespace sonogram {

// A sound that is read forward.
class SoundStream {
 public:
  explicit SoundStream(const Content& content) : reader_(open_sound(content)) {}

  const SoundReader& facts() const { return *reader_; }

  // Goes forward to a frame, exactly: where the codec cannot, by decoding.
  void go_to(int64_t frame);

  // At most `count` frames to out[channel * stride + i]; mono: the mean of the channels alone. Fewer at the
  // end. Throws SoundError where one is not finite, or frames are missing that the header states.
  int64_t read(float* out, int64_t stride, int64_t count, bool mono);

 private:
  void check_finite(const float* frames, int64_t count) const;

  Reader reader_;
  int64_t position_ = 0;
  std::vector<float> frames_;
};

struct SoundRequest {
  int64_t sample_rate = 0;  // 0: that of the file
  bool resamples = true;    // false: a sound at another rate is an error
  bool mono = true;
};

struct Sound {
  std::vector<std::vector<float>> planes;  // channels
  int32_t sample_rate = 0;
};

// A whole sound, at the wanted rate by the filter of this library. Throws SoundError and std::bad_alloc.
Sound decode(const Content& content, const SoundRequest& request, const Kernel* kernel);

}  // namespace sonogram
