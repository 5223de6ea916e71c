// Problems of a sound as a code and details. The sentences are written once, in
// sonogram/audio/problems.py; native.py passes them to the library when it is loaded.
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

namespace sonogram {

// In the order of `Problem` in problems.py.
enum Problem : int32_t {
  NO_PROBLEM,
  UNKNOWN,  // libsndfile does not know this kind of file: another decoder may
  OUT_OF_MEMORY,
  NO_LIBSNDFILE,
  MISSING,
  FORBIDDEN,
  UNOPENED,  // the reason of the system
  FOLDER,
  DEVICE,
  NO_WRITER,  // seconds of waiting
  EMPTY,
  CORRUPT,            // the reason of the decoder
  TRUNCATED_BYTES,    // bytes stated, bytes held
  TRUNCATED_SAMPLES,  // samples stated, samples decoded
  TRUNCATED_PAGE,
  GAP,  // seconds
  NO_SAMPLES,
  NOT_FINITE,     // seconds
  RATES_APART,    // of the file, wanted
  NUM_PROBLEMS
};

struct SoundError {
  Problem problem;
  std::vector<std::string> details;
};

// The place of a sample, as a detail of an error.
std::string seconds_of(int64_t sample, int32_t sample_rate);

// One line about the sound `name`.
std::string sentence(const std::string& name, const SoundError& error);

}  // namespace sonogram
