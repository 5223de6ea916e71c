// Filters by their rates, made once.
#pragma once

#include <stdlib.h>

#include <memory>
#include <vector>

#include "filter.h"
#include "program.h"

namespace sonogram {

struct Release {
  void operator()(float* memory) const { free(memory); }
};

// A filter, the memory that it points into and the kernel that runs it.
struct Design {
  Filter filter;
  const Kernel* kernel;
  std::vector<FilterGroup> groups;
  std::unique_ptr<float, Release> weights;
};

// The filter from one rate to another; made where it is asked for the first time. Throws std::bad_alloc.
std::shared_ptr<const Design> find_design(int64_t from, int64_t to, const Kernel* kernel);

}  // namespace sonogram
