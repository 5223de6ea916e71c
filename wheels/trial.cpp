// Loads the library of a wheel as Python does, and computes one clip with each instruction set of the processor.
// Prints the largest difference from the NumPy engine; the exit code is 1 where it is above the bound.
#include <math.h>
#include <stdio.h>

#include <algorithm>
#include <string>
#include <vector>

#include "clip.h"
#include "sonogram_native.h"
#include "system.h"

namespace {

template <class Function>
Function* find(void* library, const char* name, Function*) {
  return (Function*)sonogram::find_symbol(library, name);
}

#define FIND(name) const auto name##_ = find(library, #name, &name)

float largest_difference(const std::vector<float>& features) {
  float largest = 0;
  for (size_t i = 0; i < features.size(); ++i) largest = std::max(largest, fabsf(features[i] - expected[i]));
  return largest;
}

}  // namespace

int main(int, char** arguments) {
  void* library = sonogram::load_library(arguments[1]);
  if (library == nullptr) return printf("%s cannot be loaded\n", arguments[1]), 1;
  FIND(sonogram_abi);
  FIND(sonogram_isas);
  FIND(sonogram_create);
  FIND(sonogram_run);
  FIND(sonogram_destroy);
  if (sonogram_abi_() != SONOGRAM_ABI) return printf("ABI %d, not %d\n", sonogram_abi_(), SONOGRAM_ABI), 1;
  bool failed = false;
  const std::string names = std::string(sonogram_isas_()) + ", ";
  for (size_t begin = 0, end; (end = names.find(", ", begin)) != std::string::npos; begin = end + 2) {
    const std::string isa = names.substr(begin, end - begin);
    float largest = 0;
    for (const int threads : {1, 2}) {
      const sonogram_definition definition = make_definition();
      sonogram_handle* handle = sonogram_create_(&definition, isa.c_str());
      std::vector<float> features(sizeof expected / sizeof *expected);
      sonogram_clips clips = make_clips();
      clips.out = features.data();
      clips.threads = threads;
      if (handle == nullptr || sonogram_run_(handle, &clips) != 0) return printf("%s failed\n", isa.c_str()), 1;
      largest = std::max(largest, largest_difference(features));
      sonogram_destroy_(handle);
    }
    failed = failed || !(largest <= BOUND);
    printf("%s %.0e\n", isa.c_str(), largest);
  }
  return failed;
}
