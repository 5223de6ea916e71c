// A libFuzzer target: content that becomes a sound, or one problem, and the same one in every way of reading.
//
// The content is read from memory in one piece, and through a callback in small pieces and from a later
// sample on; then as the TensorFlow operation reads it. The environment variable SONOGRAM_LIBSNDFILE is the
// path of libsndfile.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dispatch.h"
#include "sonogram_audio.h"
#include "sound.h"

namespace {

using Channels = std::vector<std::vector<float>>;

constexpr int64_t MOST = 1 << 22;  // samples of all channels that are compared: short files may state hours

const uint8_t* called;
size_t called_size;

int64_t read_at(int64_t position, void* to, int64_t count) {
  if (position < 0 || position > (int64_t)called_size) abort();
  count = std::min(count, (int64_t)called_size - position);
  memcpy(to, called + position, (size_t)count);
  return count;
}

void require(bool good, const char* what) {
  if (good) return;
  fprintf(stderr, "%s\n", what);
  abort();
}

struct Outcome {
  int32_t problem = 0;  // of opening or of reading
  sonogram_sound sound;
  Channels channels;
};

Outcome read_all(const sonogram_source& source, int64_t start, int64_t piece) {
  Outcome outcome;
  sonogram_problem problem;
  const int32_t code = sonogram_sound_open(&source, &outcome.sound, &problem);
  const sonogram_sound& sound = outcome.sound;
  require((code == 0) == (sound.stream != nullptr), "a stream or a problem");
  if (code != 0 || sound.truncated) outcome.problem = problem.code;
  if (code != 0) return outcome;
  require(sound.channels > 0 && sound.sample_rate > 0, "a sound without channels or rate");
  require(sound.num_samples >= -1 && sound.expected >= -1, "a negative length");
  outcome.channels.resize((size_t)sound.channels);
  piece = std::clamp<int64_t>(MOST / sound.channels, 1, piece);  // the buffer of this function stays small
  std::vector<float> out((size_t)(piece * sound.channels));
  int64_t count = start ? sonogram_sound_go_to(sound.stream, start, &problem) : 0;
  require(count >= 0, "a problem has a positive number");
  if (count > 0) count = -1;
  for (int64_t total = 0; count >= 0 && total * sound.channels < MOST; total += count) {
    count = sonogram_sound_read(sound.stream, out.data(), piece, piece, 0, &problem);
    require(count <= piece, "more samples than wanted");
    if (count <= 0) break;
    for (int64_t c = 0; c < sound.channels; ++c) {
      const float* first = out.data() + c * piece;
      require(std::all_of(first, first + count, [](float value) { return isfinite(value); }), "not finite");
      outcome.channels[(size_t)c].insert(outcome.channels[(size_t)c].end(), first, first + count);
    }
  }
  if (count < 0 && outcome.problem == 0) outcome.problem = problem.code;
  sonogram_sound_close(sound.stream);
  return outcome;
}

void compare(const Outcome& whole, const Outcome& part, int64_t start, const char* what) {
  for (size_t c = 0; c < whole.channels.size(); ++c) {
    const std::vector<float>&all = whole.channels[c], &some = part.channels[c];
    for (size_t i = 0; i < some.size() && i + (size_t)start < all.size(); ++i)
      require(some[i] == all[i + (size_t)start], what);
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* path = getenv("SONOGRAM_LIBSNDFILE");
  require(path != nullptr && sonogram_use_sndfile(path) == 0, "libsndfile cannot be loaded");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // libsndfile reads a corrupt MIDI sample dump or PARIS file differently in pieces of different lengths.
  const std::string head((const char*)data, std::min<size_t>(size, 4));
  if (head.compare(0, 2, "\xF0\x7E") == 0 || head == " paf" || head == "fap ") return -1;
  called = data;
  called_size = size;
  sonogram_source memory = {}, callback = {};
  memory.content = data;
  callback.read = read_at;
  memory.size = callback.size = (int64_t)size;
  const Outcome whole = read_all(memory, 0, 1 << 16);
  const Outcome pieces = read_all(callback, 0, 1 + (int64_t)size % 997);
  require(whole.problem == pieces.problem, "another problem in small pieces");
  require(whole.channels.size() == pieces.channels.size(), "other channels in small pieces");
  compare(whole, pieces, 0, "other samples in small pieces");
  const int64_t count = whole.channels.empty() ? 0 : (int64_t)whole.channels[0].size();
  const bool complete = whole.problem == 0 && count * whole.sound.channels < MOST;
  if (complete && count > 1) {
    const Outcome later = read_all(callback, count / 2, 1 << 12);
    require(later.problem == 0, "a problem from the middle on alone");
    require((int64_t)later.channels[0].size() == count - count / 2, "another length from the middle on");
    compare(whole, later, count / 2, "other samples from the middle on");
  }
  // MP3 may lack a few damaged frames.
  const int64_t slack = (whole.sound.format & sonogram::CONTAINER) == sonogram::MPEG ? 4 * 1152 : 0;
  if (complete && whole.sound.num_samples >= 0)
    require(whole.sound.num_samples >= count && whole.sound.num_samples <= count + slack, "another length than stated");
  if (count * (whole.channels.empty() ? 1 : whole.sound.channels) >= MOST) return 0;
  try {
    sonogram::SoundRequest request;
    request.mono = false;
    const sonogram::Sound sound =
        decode(sonogram::content_in_memory(data, (int64_t)size), request, sonogram::find_kernel(nullptr));
    require(whole.problem == 0 && sound.planes == whole.channels, "TensorFlow reads other samples");
  } catch (const sonogram::SoundError& error) {
    require(whole.problem != 0 || count == 0, "TensorFlow alone refuses it");
  } catch (const std::bad_alloc&) {
  }
  return 0;
}
