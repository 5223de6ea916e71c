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

}  // namespace sonogram
