// What differs between operating systems: files, shared libraries and forks.
#pragma once

#include <stdint.h>

#include <string>

namespace sonogram {

// --- files. Paths are those of Python's os.fsencode; descriptors are those of Python.

struct OpenFile {
  int descriptor;
  int64_t size;
};

enum class PathKind { FILE, FOLDER, PIPE, DEVICE };

// Each throws the value of errno.
PathKind kind_of_path(const std::string& path);
OpenFile open_file(const std::string& path);
// Another descriptor of the same file: closing one leaves the other open.
OpenFile open_again(int descriptor);
// Return all that is written to a pipe, or throw 0 where no program has opened it for writing within `seconds`.
std::string read_pipe(const std::string& path, int seconds);

// Return how many bytes from `position` on were copied. Any number of threads may read at a time.
int64_t read_at(int descriptor, int64_t position, void* to, int64_t count);
void close_file(int descriptor);

// --- shared libraries

// Return null where it cannot be loaded.
void* load_library(const char* path);
// Return null where the process has not loaded it.
void* find_loaded_library(const char* path);
void* find_symbol(void* library, const char* name);

// --- processes

// Call a function in each forked child. Returns 0, so that a static constant can hold the call.
int after_fork(void (*function)());

}  // namespace sonogram
