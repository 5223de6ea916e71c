#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system.h"

namespace sonogram {
namespace {

OpenFile with_size(int descriptor) {
  if (descriptor < 0) throw errno;
  struct stat status;
  return {descriptor, fstat(descriptor, &status) == 0 ? (int64_t)status.st_size : 0};
}

}  // namespace

PathKind kind_of_path(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) throw errno;
  if (S_ISDIR(status.st_mode)) return PathKind::FOLDER;
  if (S_ISFIFO(status.st_mode)) return PathKind::PIPE;
  return S_ISREG(status.st_mode) ? PathKind::FILE : PathKind::DEVICE;
}

OpenFile open_file(const std::string& path) { return with_size(open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

OpenFile open_again(int descriptor) { return with_size(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)); }

// Opening a pipe would wait for ever where no program writes, so it is opened without waiting. Reading then
// gives nothing until a writer comes, and EAGAIN while it pauses.
std::string read_pipe(const std::string& path, int seconds) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw errno;
  std::string all;
  char piece[1 << 16];
  bool written = false;
  for (int waited = 0; waited < seconds * 50;) {
    const ssize_t got = read(descriptor, piece, sizeof piece);
    if (got == 0 && written) break;
    if (got > 0) {
      all.append(piece, (size_t)got);
      written = true;
    } else if (got < 0 && errno == EAGAIN) {
      written = true;
      pollfd wanted = {descriptor, POLLIN, 0};
      poll(&wanted, 1, -1);
    } else if (got < 0 && errno != EINTR) {
      break;
    } else if (got == 0) {
      usleep(20000);
      ++waited;
    }
  }
  close(descriptor);
  if (!written) throw 0;
  return all;
}

int64_t read_at(int descriptor, int64_t position, void* to, int64_t count) {
  int64_t done = 0;
  while (done < count) {
    const ssize_t got = pread(descriptor, (char*)to + done, (size_t)(count - done), position + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += got;
  }
  return done;
}

void close_file(int descriptor) { close(descriptor); }

void* load_library(const char* path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

void* find_loaded_library(const char* path) { return dlopen(path, RTLD_LAZY | RTLD_NOLOAD); }

void* find_symbol(void* library, const char* name) { return dlsym(library, name); }

int after_fork(void (*function)()) { return pthread_atfork(nullptr, nullptr, function); }

}  // namespace sonogram
