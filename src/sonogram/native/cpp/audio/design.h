// Cache of filters by their sample rates.
#pragma once

#include <memory>
#include <vector>

#include "filter.h"
#include "memory.h"
#include "program.h"

namespace sonogram {

struct Release {
  void operator()(float* memory) const { free_floats(memory); }
};

// A filter, the memory that its pointers refer to, and the kernel that runs it.
struct Design {
  Filter filter;
  const Kernel* kernel;
  std::vector<FilterGroup> groups;
  std::unique_ptr<float, Release> weights;
};

// Returns the filter from one rate to another; designs it at the first call. Throws std::bad_alloc.
std::shared_ptr<const Design> find_design(int64_t from, int64_t to, const Kernel* kernel);

}  // namespace sonogram
