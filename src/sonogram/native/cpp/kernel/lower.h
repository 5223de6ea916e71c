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

}  // namespace sonogram
