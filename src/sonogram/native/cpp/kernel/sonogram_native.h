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
enum { SONOGRAM_ABI = 12 };

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
enum sonogram_deltas {
  SONOGRAM_NO_DELTAS = 0,
  SONOGRAM_REGRESSION = 1,
  SONOGRAM_SAVITZKY_GOLAY = 2,
  SONOGRAM_POSITIVE_DIFFERENCE = 3
};
enum sonogram_normalization {
  SONOGRAM_NO_NORMALIZATION = 0,
  SONOGRAM_AFFINE = 1,
  SONOGRAM_UNIT_PEAK = 2,
  SONOGRAM_STANDARDIZE = 3,
  SONOGRAM_REMOVE_MEAN = 4,
  SONOGRAM_MIN_MAX = 5,
  SONOGRAM_RUNNING_MEAN = 6,
  SONOGRAM_SLIDING_MEAN = 7
};

// What follows the scaled bands, in order: the fields of the stages in Python. Every step has the operations of the
// NumPy engine in float32, so that both round alike.
struct sonogram_tail {
  int64_t num_coefficients;  // of the cepstrum; 0: none
  int64_t order;             // highest derivative; 0: none
  int64_t delta_size;        // frames under the weights of a derivative, or the lag of a difference
  int64_t before, minimum_frames;  // of a sliding mean
  int64_t stack_size;              // 0: no stack
  int64_t stack_step, stack_before;
  int32_t reference_peak;  // 1: the peak of the clip is subtracted
  int32_t masked;          // 1: lower bands mask higher ones
  int32_t deltas;          // sonogram_deltas
  int32_t normalization;   // sonogram_normalization
  int32_t per_band;        // 1: statistics of each band; 0: of the whole clip
  int32_t ddof;
  int32_t epsilon_in_root;  // 1: added to the variance; 0: to the standard deviation
  int32_t has_matrix;       // 1: `mean` and `gain` have one number for each feature, and the steps are in float64
  int32_t first_frame;      // 1: a running mean begins with the first frame
  int32_t stack_pads, stack_repeats, stack_by_bands;
  double dynamic_range;  // lower limit relative to the peak; 0: none
  double slope, depth, start;  // of the mask
  double epsilon, absolute, relative;  // divisor and tolerance of a normalization
  double minimum, maximum, step;       // of an affine normalization; step 0: no rounding
  double smoothing, scale;             // of a running mean
  double silence;  // rounding error of a bin of a clip that repeats the sample 1; 0: such clips are not changed
  const double* cepstrum;  // (num_coefficients, bands): one coefficient after the other
  const double* weights;   // (order, delta_size) of derivatives; unused for a difference
  const double* mean;      // (1) or (features)
  const double* gain;
  const double* kept;      // (features): what a running mean adds to the first frame
};

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
  const double* window;  // (frame_length)
  const double* bands;   // (bins, num_bands), row by row
  const sonogram_tail* tail;  // null: the columns are the result
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
  int64_t num_frames;
  int64_t num_valid;    // frames that hold features; the others are set to 0
  const int64_t* totals;      // (count) or null
  const int64_t* pad_lefts;   // (count) or null
  const int64_t* num_valids;  // (count) or null
  float* out;  // (count, num_frames, columns), energy included; with a tail (count, rows, features)
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

// The same in float32: cepstra, with the bits of those that follow the bands. Returns 0, or 1 where memory ran out or
// this processor lacks the instruction set.
SONOGRAM_API int32_t sonogram_cepstra(const float* x, int64_t rows, const double* matrix, int64_t terms,
                                      int64_t columns, float* out, const char* isa, int32_t threads);

// Writes the exponential moving average y[t] = (1 - smoothing) y[t - 1] + smoothing x[t] of each band to rows 1 and
// later of `y`, whose row 0 is given: (frames, bands), float32 or float64.
SONOGRAM_API void sonogram_smooth(const void* x, int64_t frames, int64_t bands, double smoothing, int32_t dtype,
                                  void* y);

// Registers the ops with the loaded TensorFlow, once for the process. Returns 0, or 1 and a message.
// `libraries` are the paths of TensorFlow's libraries, one in each line; the ops run with `isa` and
// `threads`.
SONOGRAM_API int32_t sonogram_register_ops(const char* libraries, const char* isa, int32_t threads,
                                           char* message, int64_t size);
