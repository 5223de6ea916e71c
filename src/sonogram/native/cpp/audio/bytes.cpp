#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <new>

namespace {

constexpr int64_t SMALL = 1 << 22;  // files up to this size are read at once

std::string reason_of(int error) {
  if (error == ENOENT) return "no such file; check the path";
  if (error == EACCES || error == EPERM) return "may not be read; change its permissions";
  return std::string("cannot be opened (") + strerror(error) + "); check the path";
}

}  // namespace

Bytes::~Bytes() {
  free(own_);
  if (file_ >= 0) close(file_);
}

void Bytes::borrow(const void* content, int64_t size) {
  memory_ = (const uint8_t*)content;
  size_ = size;
}

std::string Bytes::open(const char* path, bool* other) {
  struct stat status;
  if (stat(path, &status) != 0) return reason_of(errno);
  if (S_ISDIR(status.st_mode)) return "is a folder; name the sound files in it";
  *other = S_ISFIFO(status.st_mode);
  if (*other) return "is a pipe; copy it into a file";
  if (!S_ISREG(status.st_mode)) return "is a device, not a file; name a sound file";
  file_ = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file_ < 0) return reason_of(errno);
  size_ = status.st_size;
  if (size_ == 0 || size_ > SMALL) return "";
  own_ = (uint8_t*)malloc((size_t)size_);
  if (own_ == nullptr) throw std::bad_alloc();
  size_ = read(0, own_, size_);
  memory_ = own_;
  close(file_);
  file_ = -1;
  return "";
}

int64_t Bytes::read(int64_t position, void* to, int64_t count) const {
  count = position < 0 ? 0 : std::min(count, size_ - position);
  if (count <= 0) return 0;
  if (memory_) {
    memcpy(to, memory_ + position, (size_t)count);
    return count;
  }
  int64_t done = 0;
  while (done < count) {
    const ssize_t got = pread(file_, (char*)to + done, (size_t)(count - done), position + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += got;
  }
  return done;
}
