// Included before each source of the kernel: WebAssembly is compiled without exceptions and without threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

namespace std {
struct mutex {
  void lock() {}
  void unlock() {}
};
}  // namespace std

// Where memory runs out, the engine stops with an error that JavaScript catches.
#define try if (true)
#define catch(problem) else if (false)
#define throw __builtin_trap(), (void)
