#include "dispatch.h"

#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

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

#if defined(__x86_64__)
struct Supported {
  bool avx2 = false, avx512 = false;
};

// Asks the processor itself: __builtin_cpu_supports finds nothing where the runtime library is that of zig. The
// registers also need a system that saves them; the bits of XCR0 state which it does.
Supported supported() {
  Supported found;
  unsigned eax, ebx, ecx, edx, saved, high;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return found;
  const bool fma = ecx >> 12 & 1, saves = ecx >> 27 & 1;
  if (!fma || !saves || !__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return found;
  __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
  const auto has = [&](int bit) { return (ebx >> bit & 1) != 0; };
  found.avx2 = has(5) && (saved & 0x06) == 0x06;
  found.avx512 = found.avx2 && has(16) && has(17) && has(30) && has(31) && (saved & 0xe6) == 0xe6;  // F, DQ, BW, VL
  return found;
}
#endif

// The kernels that this processor runs, fastest first.
const std::vector<const Kernel*>& kernels() {
  static const std::vector<const Kernel*> found = [] {
    std::vector<const Kernel*> runs;
#if defined(__x86_64__)
    if (supported().avx512) runs.push_back(&sonogram_kernel_avx512);
    if (supported().avx2) runs.push_back(&sonogram_kernel_avx2);
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
