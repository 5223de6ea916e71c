// Memory that begins at a cache line, for vectors. Windows has its own functions for it.
#pragma once

#include <stdint.h>
#include <stdlib.h>

namespace sonogram {

// Whole cache lines that hold at least so many numbers; null where memory runs out.
inline float* allocate_floats(int64_t count) {
  const size_t size = (size_t)(count + 15) / 16 * 64;
#if defined(_WIN32)
  return (float*)_aligned_malloc(size, 64);
#else
  return (float*)aligned_alloc(64, size);
#endif
}

inline void free_floats(float* memory) {
#if defined(_WIN32)
  _aligned_free(memory);
#else
  free(memory);
#endif
}

// Scratch memory of one thread, kept for its next call.
class Scratch {
 public:
  ~Scratch() { release(); }
  float* reserve(int64_t floats) {
    if (floats > size_) {
      release();
      // Some more at the end, since vectors are written at unaligned addresses.
      memory_ = allocate_floats(floats + 16);
      if (memory_ == nullptr) return nullptr;
      size_ = floats;
    }
    return memory_;
  }

  // Frees what only a long clip needs.
  void trim() {
    if (size_ > KEPT) release();
  }

 private:
  static constexpr int64_t KEPT = int64_t{1} << 23;
  void release() {
    free_floats(memory_);
    memory_ = nullptr;
    size_ = 0;
  }
  float* memory_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace sonogram
