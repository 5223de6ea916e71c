// libsndfile, loaded at run time: the library that Python's soundfile brings. No header of it is needed.
#pragma once

#include <stdint.h>

#include <string>

#include "bytes.h"

enum SoundProblem {
  SOUND_BROKEN = 1,   // or missing, or asked for what is not in it
  SOUND_UNKNOWN = 2,  // libsndfile does not know this kind of file: another decoder may
  SOUND_FOREIGN = 3,  // a pipe, samples without a header, or no libsndfile: not read here at all
};

struct SoundError {
  SoundProblem problem;
  std::string message;  // "reason; mend"
};

// An open sound.
class SoundReader {
 public:
  virtual ~SoundReader() = default;
  // At most `count` frames of all channels; fewer at the end, 0 behind it. Throws SoundError.
  virtual int64_t read(float* out, int64_t count) = 0;
  // Goes to a frame. Only where the codec has no memory.
  virtual void seek(int64_t frame) = 0;

  int32_t sample_rate = 0, channels = 0;
  int64_t frames = -1;  // as the file states exactly; -1 where it does not
  int64_t slack = 0;    // frames that may be missing at the end
  bool seeks = false;
  bool finite = false;  // its numbers cannot be anything else
};

// Opens `bytes` with libsndfile. Throws SoundError.
SoundReader* open_sndfile(const Bytes& bytes);
