// The C interface for audio: resampling and decoding.
#pragma once

#include "sonogram_native.h"

// --- resampling

typedef struct sonogram_resampler sonogram_resampler;

// ceil(count * to / from)
SONOGRAM_API int64_t sonogram_num_resampled(int64_t count, int64_t from, int64_t to);
// Resampler of one channel, for one thread at a time. Null if memory is short, the instruction set is
// missing, or the rates differ by a factor of more than 256.
SONOGRAM_API sonogram_resampler* sonogram_resampler_create(int64_t from, int64_t to, const char* isa);
SONOGRAM_API void sonogram_resampler_destroy(sonogram_resampler* resampler);
// The most samples that pushing `count` more can give, and that finishing after them can.
SONOGRAM_API int64_t sonogram_resampler_max_output(const sonogram_resampler* resampler, int64_t count);
// Takes samples and returns how many it gives.
SONOGRAM_API int64_t sonogram_resampler_push(sonogram_resampler* resampler, const float* samples, int64_t count,
                                             float* out);
// The rest, as if silence followed; then a new sound may begin.
SONOGRAM_API int64_t sonogram_resampler_finish(sonogram_resampler* resampler, float* out);
// Both at once, faster; the same numbers. Gives sonogram_num_resampled(count, from, to) samples.
SONOGRAM_API int64_t sonogram_resampler_whole(sonogram_resampler* resampler, const float* samples, int64_t count,
                                              float* out);

// --- files

// Source of a sound: the first field that is not null.
struct sonogram_source {
  const void* content;  // the bytes of a file
  // Copies bytes from a position on; returns their number.
  int64_t (*read)(int64_t position, void* to, int64_t count);
  int64_t size;        // of either, bytes
  int32_t descriptor;  // of an open regular file
};

struct sonogram_sound {
  void* stream;
  int64_t num_samples;  // of each channel; -1 where the file does not state it
  int64_t expected;     // the same, or an estimate; -1 where there is none
  int64_t size;         // of the file, bytes
  int32_t sample_rate, channels;
  int32_t format;      // a number of libsndfile
  int32_t not_closed;  // 1: the size was never written, and the file is read to its end
  int32_t truncated;   // 1: the header states more samples than the file holds; the problem has the details
};

// Problem code from problems.h, and details, one per line.
struct sonogram_problem {
  int32_t code;
  char details[508];
};

// Loads libsndfile from a path; returns 1 if it cannot be loaded.
SONOGRAM_API int32_t sonogram_use_sndfile(const char* path);
// Sets one sentence for each problem, with {0} and {1} for its details. Returns the required number.
SONOGRAM_API int32_t sonogram_use_sentences(const char* const* templates, int32_t count);
// Returns 0 or a problem code. A truncated sound is opened all the same, and its problem is described too.
// The memory of the source must stay valid until the sound is closed.
SONOGRAM_API int32_t sonogram_sound_open(const sonogram_source* source, sonogram_sound* sound,
                                         sonogram_problem* problem);
// Skips forward to a sample, exactly. Returns 0 or a problem code.
SONOGRAM_API int32_t sonogram_sound_go_to(void* stream, int64_t frame, sonogram_problem* problem);
// Reads at most `count` samples of each channel to out[channel * stride + i], or the mean of the channels.
// Returns their number, 0 at the end, -1 after an error. The samples before an error are returned first.
SONOGRAM_API int64_t sonogram_sound_read(void* stream, float* out, int64_t stride, int64_t count, int32_t mono,
                                         sonogram_problem* problem);
// The power of the channels divided by that of their mean, of what was read as mono; 1 if there is no sound.
SONOGRAM_API double sonogram_sound_mix_loss(void* stream);
SONOGRAM_API void sonogram_sound_close(void* stream);
// Begins (1) or ends (0) discarding what C code prints on stderr.
SONOGRAM_API void sonogram_silence_c_stderr(int32_t wanted);
