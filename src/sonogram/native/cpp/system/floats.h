// The floating-point mode of a thread. TensorFlow's threads replace subnormal numbers by 0, and a new thread inherits
// the mode of the one that starts it, so without this the bits of faint sounds depend on the thread.
#pragma once

#include <stdint.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace sonogram {

// Keeps subnormal numbers while it lives, then restores the mode of the thread.
class SubnormalNumbers {
 public:
  SubnormalNumbers() : saved_(mode()) { set_mode(saved_ & ~FLUSH); }
  ~SubnormalNumbers() { set_mode(saved_); }
  SubnormalNumbers(const SubnormalNumbers&) = delete;
  SubnormalNumbers& operator=(const SubnormalNumbers&) = delete;

 private:
#if defined(__SSE2__)
  static constexpr uint64_t FLUSH = 0x8040;  // of results, and of operands
  static uint64_t mode() { return _mm_getcsr(); }
  static void set_mode(uint64_t mode) { _mm_setcsr((uint32_t)mode); }
#elif defined(__aarch64__)
  static constexpr uint64_t FLUSH = uint64_t{1} << 24;
  static uint64_t mode() {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void set_mode(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#else
  static constexpr uint64_t FLUSH = 0;
  static uint64_t mode() { return 0; }
  static void set_mode(uint64_t) {}
#endif

  const uint64_t saved_;
};

}  // namespace sonogram
