// The steps of lower(): those of the transform are in lower.cpp, of kernels in lower_kernels.cpp, of the columns
// in lower_columns.cpp.
#pragma once

#include "lower.h"

namespace sonogram {

inline int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// A bin, or one of the two parts of one whose kernel has no symmetry, as factors of folded samples; see sums.h.
struct KernelRow {
  int64_t bin;
  bool exchanged;
  std::vector<float> sums, differences;  // factors, of the center first
  float constant;  // the result for samples that are all 1
};

class Lowering {
 public:
  Lowering(const sonogram_definition& definition, const sonogram_kernels* kernels, int lanes);
  std::unique_ptr<LoweredProgram> result() { return std::move(lowered_); }

 private:
  void lay_out_tile(int64_t bytes);
  void choose_order();
  void lay_out_inputs(const double* window);
  void lay_out_transform(const double* window);
  void lay_out_kernels(const sonogram_kernels& kernels);
  Level level_of(int32_t halvings, int64_t taps);
  KernelBlock block_of(const std::vector<KernelRow>& rows, size_t first);
  void lay_out_columns(const double* bands);
  bool lay_out_triangles(const double* bands);
  void lay_out_bands(const double* bands);
  void lay_out_logarithm();
  void lay_out_twiddles();
  void push_passes(std::vector<Pass>& passes, size_t level, int64_t base, int64_t blocks, int64_t size) const;
  void lay_out_conjugates();
  void measure_scratch();
  int64_t digit_reversed(int64_t k) const;
  uint32_t offset_of(int64_t point) const;

  // Moves a table to the memory of the program; null where it is empty.
  template <class T>
  const T* keep(std::vector<T> values) {
    if (values.empty()) return nullptr;
    const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
    lowered_->tables.push_back(kept);
    return kept->data();
  }

  std::unique_ptr<LoweredProgram> lowered_ = std::make_unique<LoweredProgram>();
  Program& p_ = lowered_->program;
  std::vector<int> radices_;     // of the passes
  bool coprime_ = false;         // the first radix has no divisor in common with the product of the others
  std::vector<uint32_t> bins_;   // offset of bin k
  std::vector<const float*> twiddles_, roots_;  // of each pass
  std::vector<Level> levels_;
};

}  // namespace sonogram
