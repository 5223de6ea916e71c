// Chooses among the instruction sets that were compiled, by what this processor has.
#pragma once

#include "program.h"

namespace sonogram {

// Returns the kernel of that name, or the fastest one where it is null; null where there is none.
const Kernel* find_kernel(const char* name);

// Returns the names of the kernels that this processor runs, fastest first, separated by ", ".
const char* kernel_names();

}  // namespace sonogram
