#include "dispatch.h"

#include <string.h>

#include <string>

extern "C" {
#if defined(__x86_64__)
extern const Kernel sonogram_kernel_avx512, sonogram_kernel_avx2, sonogram_kernel_baseline;
#elif defined(__aarch64__)
extern const Kernel sonogram_kernel_neon;
#else
extern const Kernel sonogram_kernel_baseline;
#endif
}

namespace {

struct Choice {
  const Kernel* kernel;
  bool runs;
};

const Choice* choices() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  static const Choice all[] = {
      {&sonogram_kernel_avx512,
       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma")},
      {&sonogram_kernel_avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")},
      {&sonogram_kernel_baseline, true},
      {nullptr, false},
  };
#elif defined(__aarch64__)
  static const Choice all[] = {{&sonogram_kernel_neon, true}, {nullptr, false}};
#else
  static const Choice all[] = {{&sonogram_kernel_baseline, true}, {nullptr, false}};
#endif
  return all;
}

}  // namespace

const Kernel* find_kernel(const char* name) {
  for (const Choice* choice = choices(); choice->kernel; ++choice)
    if (choice->runs && (name == nullptr || strcmp(name, choice->kernel->name) == 0)) return choice->kernel;
  return nullptr;
}

const char* kernel_names() {
  static const std::string names = [] {
    std::string joined;
    for (const Choice* choice = choices(); choice->kernel; ++choice)
      if (choice->runs) joined += (joined.empty() ? "" : ", ") + std::string(choice->kernel->name);
    return joined;
  }();
  return names.c_str();
}
