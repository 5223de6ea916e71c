// The plain C interface to what the library does with sound before any spectrum: other rates, files.
#pragma once

#include "sonogram_native.h"

// --- another rate

typedef struct sonogram_resampler sonogram_resampler;

// ceil(count * to / from)
SONOGRAM_API int64_t sonogram_num_resampled(int64_t count, int64_t from, int64_t to);
// One channel's way from one rate to another; from one thread at a time. Null where memory is short,
// the instruction set is not there or the rates are more than 256 times apart.
SONOGRAM_API sonogram_resampler* sonogram_resampler_create(int64_t from, int64_t to, const char* isa);
SONOGRAM_API void sonogram_resampler_destroy(sonogram_resampler* resampler);
// The most samples that pushing `count` more can give, and that finishing after them can.
SONOGRAM_API int64_t sonogram_resampler_room(const sonogram_resampler* resampler, int64_t count);
// Takes samples and returns how many it gives.
SONOGRAM_API int64_t sonogram_resampler_push(sonogram_resampler* resampler, const float* samples, int64_t count,
                                             float* out);
// The rest, as if silence followed; then a new sound may begin.
SONOGRAM_API int64_t sonogram_resampler_finish(sonogram_resampler* resampler, float* out);
// A whole sound: `count` samples to sonogram_num_resampled(count, from, to). 0, or 1 as above.
SONOGRAM_API int32_t sonogram_resample(int64_t from, int64_t to, const float* samples, int64_t count, float* out,
                                       const char* isa);

// --- files

// What is wanted of a sound.
struct sonogram_request {
  const char* path;     // of a file
  const void* content;  // or the bytes of one; null reads the path
  int64_t size;         // of the content, bytes
  int64_t sample_rate;  // 0: that of the file
  double offset;        // seconds
  double duration;      // seconds; below 0: to the end
  const char* isa;
  int32_t mono;         // 1: the mean of the channels
  int32_t reserved;
};

struct sonogram_sound {
  float* samples;  // channels one after the other
  char* message;   // what is wrong, one line
  int64_t count;   // samples of each channel
  int32_t channels;
  int32_t sample_rate;
};

// Says where libsndfile is; 1 where it cannot be loaded.
SONOGRAM_API int32_t sonogram_use_sndfile(const char* path);
// 0: samples. 1: the sound is broken, missing, or has no such part. 2: libsndfile does not know the kind.
// 3: a pipe or another thing that is not read here, or memory was short.
SONOGRAM_API int32_t sonogram_decode(const sonogram_request* request, sonogram_sound* sound);
// Frees samples or a message; null is fine.
SONOGRAM_API void sonogram_release(void* memory);
// Silences (1) what C code prints on stderr, or ends that (0). Returns 0 where it cannot.
SONOGRAM_API int32_t sonogram_quiet(int32_t wanted);
