// The C interface of the native engine, which Python calls through ctypes.
//
// sonogram_create lowers a definition once, any number of threads execute it at a time (sonogram_run),
// and sonogram_destroy releases it. All strides and lengths count elements.
#pragma once

#include <stdint.h>

#if defined(_WIN32)
#define SONOGRAM_API extern "C" __declspec(dllexport)
#else
#define SONOGRAM_API extern "C" __attribute__((visibility("default")))
#endif

// Increased with every change of a struct or signature: Python refuses a library with another number.
enum { SONOGRAM_ABI = 11 };

enum sonogram_dtype { SONOGRAM_FLOAT32 = 0, SONOGRAM_FLOAT64 = 1, SONOGRAM_INT16 = 2 };
enum sonogram_padding_mode { SONOGRAM_CONSTANT = 0, SONOGRAM_REFLECT = 1, SONOGRAM_SYMMETRIC = 2 };
enum sonogram_scope { SONOGRAM_NONE = 0, SONOGRAM_CLIP = 1, SONOGRAM_FRAME = 2 };
// The sample before the first one: equal to the first, 0, none, so that the first output is dropped, or
// equal to the second.
enum sonogram_boundary {
  SONOGRAM_REPEAT = 0,
  SONOGRAM_ZERO = 1,
  SONOGRAM_DROP = 2,
  SONOGRAM_REFLECTED = 3,
  SONOGRAM_WRAPPED = 4
};
enum sonogram_output { SONOGRAM_COMPLEX = 0, SONOGRAM_POWER = 1, SONOGRAM_MAGNITUDE = 2 };

// The steps from samples to features, in order.
struct sonogram_definition {
  int64_t frame_length;
  int64_t frame_step;
  int64_t fft_length;
  int64_t window_offset;  // of the window in the transform; changes only the phase of complex output
  int64_t num_bands;      // 0: the columns are the bins
  int32_t padding_mode;
  int32_t remove_mean;    // sonogram_scope
  int32_t preemphasis;    // sonogram_scope
  int32_t preemphasis_boundary;
  int32_t output;
  int32_t logarithm;  // 0: the columns stay linear
  int32_t energy;     // 1: the log energy of the frame is appended as the last column
  int32_t reserved;
  double scale;         // factor on the samples
  double coefficient;   // of the pre-emphasis
  double epsilon;       // added to the power before the root of a magnitude
  double floor;         // lower limit of the power before the root of a magnitude
  double log_floor;     // lower limit before the logarithm; 0: none
  double log_offset;    // added before the logarithm
  double log_zero;      // replaces an exact 0 before all of these; 0: none
  double log_factor;    // from natural logarithm to output unit
  double log_shift;     // added to the result
  double energy_floor;  // lower limit of the energy before its logarithm
  // Operations over the whole clip; left at 0 where the caller does them.
  int32_t reference_peak;  // 1: the peak of the clip is subtracted
  int32_t affine;          // 1: (x - mean) * gain at the end
  double dynamic_range;    // lower limit relative to the peak; 0: none
  double mean, gain;
  const double* window;  // (frame_length)
  const double* bands;   // (bins, num_bands), row by row
};

// The clips of one call. Where an array is null, the scalar of the same name holds for all clips.
struct sonogram_clips {
  const void* samples;  // of the first clip, from `base` on
  int64_t count;        // clips
  int64_t stride;       // samples from one clip to the next
  int64_t base;         // position in the clip of the first sample given
  int64_t available;    // samples of each clip that can be read
  int64_t total;        // samples of a whole clip
  int64_t pad_left;     // samples of the first window that lie before the clip
  int64_t first_frame;
  int64_t num_frames;   // of the output
  int64_t num_valid;    // frames that hold features; the others are set to 0
  const int64_t* totals;      // (count) or null
  const int64_t* pad_lefts;   // (count) or null
  const int64_t* num_valids;  // (count) or null
  float* out;                 // (count, num_frames, columns), energy included
  int32_t dtype;
  int32_t threads;
};

// Bins as sums over the samples of a frame, each at the rate of the samples or at that rate halved some times.
// Frames have an even step up to the last halving. The samples of a kernel, and those that the filters need
// (halving.h), lie within the frame on both sides of its center, sample frame_length / 2.
struct sonogram_kernels {
  int64_t count;            // bins
  const int32_t* halvings;  // (count)
  const int64_t* begins;    // (count) first sample of each kernel, from the center, at its rate
  const int64_t* offsets;   // (count + 1) of each kernel in `real` and `imaginary`
  const float* real;        // factors of the samples
  const float* imaginary;
};

typedef struct sonogram_handle sonogram_handle;

SONOGRAM_API int32_t sonogram_abi(void);
// Returns the instruction set in use: "avx512", "avx2", "baseline" or "neon"; the fastest one where
// `wanted` is null. Null where this processor lacks the wanted one.
SONOGRAM_API const char* sonogram_isa(const char* wanted);
// Returns the instruction sets that this processor has, fastest first, separated by ", ".
SONOGRAM_API const char* sonogram_isas(void);
// Returns null where memory runs out or this processor lacks the instruction set.
SONOGRAM_API sonogram_handle* sonogram_create(const sonogram_definition* definition, const char* isa);
// The same with kernels in place of the Fourier transform. The window and fft_length of the definition are not
// used; single frames are not conditioned and have no energy.
SONOGRAM_API sonogram_handle* sonogram_create_of_kernels(const sonogram_definition* definition,
                                                         const sonogram_kernels* kernels, const char* isa);
SONOGRAM_API void sonogram_destroy(sonogram_handle* handle);
// Returns 0, or 1 where memory ran out.
SONOGRAM_API int32_t sonogram_run(const sonogram_handle* handle, const sonogram_clips* clips);

// Writes the products of rows, (rows, terms), and a matrix that is given column by column, (columns, terms).
SONOGRAM_API void sonogram_multiply(const double* x, int64_t rows, const double* matrix, int64_t terms,
                                    int64_t columns, double* out, int32_t threads);

// Writes the exponential moving average y[t] = (1 - smoothing) y[t - 1] + smoothing x[t] of each band to rows 1 and
// later of `y`, whose row 0 is given: (frames, bands), float32 or float64.
SONOGRAM_API void sonogram_smooth(const void* x, int64_t frames, int64_t bands, double smoothing, int32_t dtype,
                                  void* y);

// Registers the ops with the loaded TensorFlow, once for the process. Returns 0, or 1 and a message.
// `libraries` are the paths of TensorFlow's libraries, one in each line; the ops run with `isa` and
// `threads`.
SONOGRAM_API int32_t sonogram_register_ops(const char* libraries, const char* isa, int32_t threads,
                                           char* message, int64_t size);
