// Which instruction sets this library was compiled for, and which of them this processor has.
#pragma once

#include "program.h"

// The kernel of that name, or the fastest one where it is null; null where there is none.
const Kernel* find_kernel(const char* name);

// Names of all that this processor runs, fastest first, with commas between them.
const char* kernel_names();
