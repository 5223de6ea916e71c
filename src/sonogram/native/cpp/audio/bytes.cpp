#include "bytes.h"

#include <errno.h>
#include <string.h>

#include <algorithm>

#include "problems.h"
#include "system.h"

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
  explicit File(const OpenFile& opened) : descriptor_(opened.descriptor) { size_ = opened.size; }
  ~File() override { close_file(descriptor_); }

 protected:
  int64_t copy(int64_t position, void* to, int64_t count) const override {
    return read_at(descriptor_, position, to, count);
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
Content content_of_open(const OpenFile& opened) {
  auto file = std::make_shared<File>(opened);
  if (opened.size > SMALL) return file;
  return std::make_shared<Memory>(file->text(0, opened.size));
}

SoundError failed(int error) {
  if (error == ENOENT) return {MISSING, {}};
  if (error == EACCES || error == EPERM) return {FORBIDDEN, {}};
  return {UNOPENED, {strerror(error)}};
}

Content content_of_pipe(const std::string& path) {
  try {
    return std::make_shared<Memory>(read_pipe(path, PIPE_SECONDS));
  } catch (int error) {
    throw error ? failed(error) : SoundError{NO_WRITER, {std::to_string(PIPE_SECONDS)}};
  }
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
  try {
    return content_of_open(open_again(descriptor));
  } catch (int error) {
    throw failed(error);
  }
}

Content content_of_callback(ReadAt read, int64_t size) { return std::make_shared<Called>(read, size); }

Content content_of_path(const std::string& path) {
  if (path.find('\0') != std::string::npos) throw SoundError{UNOPENED, {"embedded null byte"}};
  try {
    switch (kind_of_path(path)) {
      case PathKind::FOLDER: throw SoundError{FOLDER, {}};
      case PathKind::DEVICE: throw SoundError{DEVICE, {}};
      case PathKind::PIPE: return content_of_pipe(path);
      case PathKind::FILE: break;
    }
    return content_of_open(open_file(path));
  } catch (int error) {
    throw failed(error);
  }
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
