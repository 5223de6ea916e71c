#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "problems.h"

namespace sonogram {
namespace {

constexpr int64_t SMALL = 1 << 22;  // files up to this size are read at once
constexpr int PIPE_SECONDS = 10;    // how long a pipe may have no writer

class Memory : public Bytes {
 public:
  Memory(const void* memory, int64_t size) : memory_((const char*)memory) { size_ = size; }
  explicit Memory(std::string own) : own_(std::move(own)), memory_(own_.data()) { size_ = (int64_t)own_.size(); }

 protected:
  int64_t copy(int64_t position, void* to, int64_t count) const override {
    memcpy(to, memory_ + position, (size_t)count);
    return count;
  }

 private:
  std::string own_;
  const char* memory_;
};

class File : public Bytes {
 public:
  File(int descriptor, int64_t size) : descriptor_(descriptor) { size_ = size; }
  ~File() override { close(descriptor_); }

 protected:
  int64_t copy(int64_t position, void* to, int64_t count) const override {
    int64_t done = 0;
    while (done < count) {
      const ssize_t got = pread(descriptor_, (char*)to + done, (size_t)(count - done), position + done);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += got;
    }
    return done;
  }

 private:
  int descriptor_;
};

class Called : public Bytes {
 public:
  Called(ReadAt read, int64_t size) : read_(read) { size_ = size; }

 protected:
  int64_t copy(int64_t position, void* to, int64_t count) const override { return read_(position, to, count); }

 private:
  ReadAt read_;
};

// Owns the descriptor.
Content content_of_file(int descriptor) {
  struct stat status;
  const int64_t size = fstat(descriptor, &status) == 0 ? status.st_size : 0;
  auto file = std::make_shared<File>(descriptor, size);
  if (size > SMALL) return file;
  return std::make_shared<Memory>(file->text(0, size));
}

SoundError failed(int error) {
  if (error == ENOENT) return {MISSING, {}};
  if (error == EACCES || error == EPERM) return {FORBIDDEN, {}};
  return {UNOPENED, {strerror(error)}};
}

// All that is written to a pipe. Opening it would wait for ever where no program writes, so it is opened
// without waiting; reading then gives nothing until a writer comes, and EAGAIN while it pauses.
std::string content_of_pipe(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw failed(errno);
  std::string all;
  char piece[1 << 16];
  bool written = false;
  for (int waited = 0; waited < PIPE_SECONDS * 50;) {
    const ssize_t got = ::read(descriptor, piece, sizeof piece);
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
  if (!written) throw SoundError{NO_WRITER, {std::to_string(PIPE_SECONDS)}};
  return all;
}

}  // namespace

int64_t Bytes::read(int64_t position, void* to, int64_t count) const {
  if (position < 0 || position >= size_ || count <= 0) return 0;
  return copy(position, to, std::min(count, size_ - position));
}

std::string Bytes::text(int64_t position, int64_t count) const {
  if (position < 0 || position >= size_) return "";
  std::string found((size_t)std::min(count, size_ - position), '\0');
  found.resize((size_t)read(position, found.data(), (int64_t)found.size()));
  return found;
}

uint64_t Bytes::number(int64_t position, int count, bool big_endian) const {
  uint8_t bytes[8] = {0};
  read(position, bytes, count);
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[big_endian ? i : count - 1 - i];
  return value;
}

Content content_in_memory(const void* memory, int64_t size) { return std::make_shared<Memory>(memory, size); }

Content content_of_descriptor(int descriptor) {
  const int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) throw failed(errno);
  return content_of_file(own);
}

Content content_of_callback(ReadAt read, int64_t size) { return std::make_shared<Called>(read, size); }

Content content_of_path(const std::string& path) {
  if (path.find('\0') != std::string::npos) throw SoundError{UNOPENED, {"embedded null byte"}};
  struct stat status;
  if (stat(path.c_str(), &status) != 0) throw failed(errno);
  if (S_ISDIR(status.st_mode)) throw SoundError{FOLDER, {}};
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) throw SoundError{DEVICE, {}};
  if (S_ISFIFO(status.st_mode)) return std::make_shared<Memory>(content_of_pipe(path));
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw failed(errno);
  return content_of_file(descriptor);
}

void Spliced::add(int64_t start, int64_t end) {
  if (end <= start) return;
  pieces_.push_back({size_, start, end - start, ""});
  size_ += end - start;
}

void Spliced::add(std::string own) {
  pieces_.push_back({size_, 0, (int64_t)own.size(), std::move(own)});
  size_ += pieces_.back().size;
}

int64_t Spliced::copy(int64_t position, void* to, int64_t count) const {
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), position,
                                [](int64_t place, const Piece& each) { return place < each.place; }) - 1;
  int64_t done = 0;
  for (; done < count && piece != pieces_.end(); ++piece) {
    const int64_t within = position + done - piece->place, wanted = std::min(count - done, piece->size - within);
    if (!piece->own.empty()) memcpy((char*)to + done, piece->own.data() + within, (size_t)wanted);
    else if (content_->read(piece->start + within, (char*)to + done, wanted) < wanted) break;
    done += wanted;
  }
  return done;
}

std::string encoded(uint64_t value, int count, bool big_endian) {
  std::string bytes((size_t)count, '\0');
  for (int i = 0; i < count; ++i) bytes[(size_t)(big_endian ? count - 1 - i : i)] = (char)(value >> (8 * i) & 255);
  return bytes;
}

}  // namespace sonogram
