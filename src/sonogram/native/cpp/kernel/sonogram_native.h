// The plain C interface of the native engine: what Python calls through ctypes.
//
// A definition is lowered once (sonogram_create), executed from any number of threads at a time
// (sonogram_run) and released (sonogram_destroy). All strides and lengths count elements.
#pragma once

#include <stdint.h>

#define SONOGRAM_API extern "C" __attribute__((visibility("default")))

// Grows whenever a struct or a signature below changes: Python refuses a library of another version.
enum { SONOGRAM_ABI = 4 };

enum sonogram_dtype { SONOGRAM_FLOAT32 = 0, SONOGRAM_FLOAT64 = 1, SONOGRAM_INT16 = 2 };
enum sonogram_edges { SONOGRAM_ZEROS = 0, SONOGRAM_REFLECT = 1, SONOGRAM_SYMMETRIC = 2 };
enum sonogram_scope { SONOGRAM_NONE = 0, SONOGRAM_CLIP = 1, SONOGRAM_FRAME = 2 };
enum sonogram_first { SONOGRAM_REPEAT = 0, SONOGRAM_KEEP = 1, SONOGRAM_DROP = 2 };
enum sonogram_output { SONOGRAM_COMPLEX = 0, SONOGRAM_POWER = 1, SONOGRAM_MAGNITUDE = 2 };

// What a frame becomes, from conditioning to logarithm.
struct sonogram_definition {
  int64_t frame_length;
  int64_t frame_step;
  int64_t fft_length;
  int64_t place;      // where the window begins inside the transform; matters to the phase alone
  int64_t num_bands;  // 0: the bins are the channels
  int32_t edges;
  int32_t remove_mean;
  int32_t preemphasis;
  int32_t preemphasis_first;
  int32_t output;
  int32_t logarithm;      // 0: the channels stay linear
  int32_t energy;         // 1: the log energy of the frame follows the last channel
  int32_t reserved;
  double scale;
  double coefficient;     // of the preemphasis
  double epsilon;         // added under the root of a magnitude
  double floor;           // least value under the root of a magnitude
  double log_floor;       // least value before the logarithm; 0: none
  double log_offset;      // added before the logarithm
  double log_factor;      // on the natural logarithm
  double log_shift;       // added to the result
  double energy_floor;
  // What follows over whole clips; left out where the caller does it.
  int32_t reference_peak;  // 1: the largest value of the clip becomes 0
  int32_t affine;          // 1: (x - mean) * gain at the end
  double dynamic_range;    // nothing lies further below the largest value; 0: no such limit
  double mean, gain;
  const double* window;   // (frame_length)
  const double* bands;    // (bins, num_bands), rows of bins
};

// The clips of one call. An array that is absent stands for its one value beside it.
struct sonogram_clips {
  const void* samples;      // the samples of the first clip from `base` on
  int64_t count;            // clips
  int64_t stride;           // samples from one clip to the next
  int64_t base;             // where in the clip `samples` begins
  int64_t available;        // samples of each clip that can be read
  int64_t total;            // samples of a whole clip
  int64_t left;             // samples before the clip that the first window sees
  int64_t first_frame;
  int64_t num_frames;       // frames of the output
  int64_t num_valid;        // of them: frames that hold features; the others become 0
  const int64_t* totals;    // (count) or null
  const int64_t* lefts;     // (count) or null
  const int64_t* num_valids;  // (count) or null
  float* out;               // (count, num_frames, channels), energy included
  int32_t dtype;
  int32_t threads;
};

typedef struct sonogram_handle sonogram_handle;

SONOGRAM_API int32_t sonogram_abi(void);
// The instruction set that runs: "avx512", "avx2", "baseline", "neon". `wanted` may be null.
// Null where this processor has no such set.
SONOGRAM_API const char* sonogram_isa(const char* wanted);
// The sets that this processor has, fastest first, with commas between them.
SONOGRAM_API const char* sonogram_isas(void);
// Null where memory is short or the instruction set is not there.
SONOGRAM_API sonogram_handle* sonogram_create(const sonogram_definition* definition, const char* isa);
SONOGRAM_API void sonogram_destroy(sonogram_handle* handle);
// 0, or 1 where memory was short.
SONOGRAM_API int32_t sonogram_run(const sonogram_handle* handle, const sonogram_clips* clips);

// Registers the ops with the TensorFlow that is loaded, once for the process; 0, or 1 and a message.
// `libraries` are the paths of its libraries, one a line; `isa` and `threads` are what the ops run with.
SONOGRAM_API int32_t sonogram_register_ops(const char* libraries, const char* isa, int32_t threads,
                                           char* message, int64_t size);
