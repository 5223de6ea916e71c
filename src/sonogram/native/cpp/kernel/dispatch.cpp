#include "dispatch.h"

#include <string.h>

#include <string>
#include <vector>

extern "C" {
#if defined(__x86_64__)
extern const sonogram::Kernel sonogram_kernel_avx512, sonogram_kernel_avx2, sonogram_kernel_baseline;
#elif defined(__aarch64__)
extern const sonogram::Kernel sonogram_kernel_neon;
#else
extern const sonogram::Kernel sonogram_kernel_baseline;
#endif
}

namespace sonogram {
namespace {

// The kernels that this processor runs, fastest first.
const std::vector<const Kernel*>& kernels() {
  static const std::vector<const Kernel*> found = [] {
    std::vector<const Kernel*> runs;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
      runs.push_back(&sonogram_kernel_avx512);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) runs.push_back(&sonogram_kernel_avx2);
    runs.push_back(&sonogram_kernel_baseline);
#elif defined(__aarch64__)
    runs.push_back(&sonogram_kernel_neon);
#else
    runs.push_back(&sonogram_kernel_baseline);
#endif
    return runs;
  }();
  return found;
}

}  // namespace

const Kernel* find_kernel(const char* name) {
  for (const Kernel* kernel : kernels())
    if (name == nullptr || strcmp(name, kernel->name) == 0) return kernel;
  return nullptr;
}

const char* kernel_names() {
  static const std::string names = [] {
    std::string joined;
    for (const Kernel* kernel : kernels()) joined += (joined.empty() ? "" : ", ") + std::string(kernel->name);
    return joined;
  }();
  return names.c_str();
}

}  // namespace sonogram
