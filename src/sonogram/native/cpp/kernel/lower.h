// Lowers a definition to a program: tables in float32 and the order in which the kernel uses them.
#pragma once

#include <memory>
#include <vector>

#include "program.h"

namespace sonogram {

struct LoweredProgram {
  Program program = {};
  std::vector<std::shared_ptr<const void>> tables;  // the memory that the program points to
};

// `kernels` are null for the Fourier transform.
std::unique_ptr<LoweredProgram> lower(const sonogram_definition& definition, const sonogram_kernels* kernels,
                                      int lanes);

struct LoweredProduct {
  Product product = {};
  std::vector<float> weights[2];
  std::vector<uint32_t> columns[2];
};

// A matrix that is given column by column, (columns, terms). Rows of its other factor lie up to `stride` values apart.
std::unique_ptr<LoweredProduct> lower_product(const double* matrix, int64_t terms, int64_t columns, int64_t stride,
                                              int lanes);

struct LoweredTail {
  Tail tail = {};
  std::unique_ptr<LoweredProduct> product;
  std::vector<float> weights, kept;
  std::vector<double> mean, gain, total_weights, silent_bands;
};

// The real value of a bin of this magnitude.
double detected(const sonogram_definition& definition, double magnitude);

// Adds the tail of a definition to its program.
void lower_tail(const sonogram_definition& definition, LoweredProgram& program);

// The rows of so many frames.
int64_t num_rows(const sonogram_tail& rule, int64_t frames);

// The numbers that a frame and a row have.
int64_t num_width(const sonogram_tail& rule, int64_t stride);
int64_t num_features(const sonogram_tail& rule, int64_t stride);

// Scratch memory, in floats: of `finish_frames`, and of `finish_clip` for a clip of so many frames.
int64_t frames_scratch(const Tail& tail);
int64_t clip_scratch(const Tail& tail, int64_t frames);

}  // namespace sonogram
