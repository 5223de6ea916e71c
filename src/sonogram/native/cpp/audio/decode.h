// Sound files to samples: decoded, checked, mixed, at the wanted rate.
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include <memory>
#include <string>

#include "design.h"
#include "sndfile.h"

struct SoundRequest {
  int64_t sample_rate = 0;  // 0: that of the file
  bool resamples = true;  // false: a sound at another rate is not read
  bool mono = true;
  double offset = 0;     // seconds
  double duration = -1;  // seconds; below 0: to the end
};

// Channels one after the other.
struct Sound {
  std::unique_ptr<float, Release> samples;
  int64_t count = 0;  // of each channel
  int32_t channels = 0, sample_rate = 0;
};

// Reads a file, or `content` where it is not null. Throws SoundError, its message with the name before
// it, and std::bad_alloc.
Sound decode(const std::string& path, const void* content, int64_t size, const SoundRequest& request,
             const Kernel* kernel);
