// The content of a sound file: in memory, or read from the disk piece by piece.
#pragma once

#include <stdint.h>

#include <string>

class Bytes {
 public:
  Bytes() = default;
  ~Bytes();
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  // Content in memory, which must outlive this object.
  void borrow(const void* content, int64_t size);

  // A regular file. Small ones are read at once. Returns "" or what is wrong, "reason; mend"; `other` is
  // set where it is a pipe, which is not read here.
  std::string open(const char* path, bool* other);

  int64_t size() const { return size_; }

  // Copies what there is from `position` on, at most `count` bytes; returns how many. A place outside
  // of the content has none.
  int64_t read(int64_t position, void* to, int64_t count) const;

  // The content where it is in memory, or null.
  const uint8_t* memory() const { return memory_; }

 private:
  const uint8_t* memory_ = nullptr;
  uint8_t* own_ = nullptr;
  int64_t size_ = 0;
  int file_ = -1;
};

// Whole numbers of 1 to 8 bytes.
inline uint64_t little(const uint8_t* bytes, int count) {
  uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}
inline uint64_t big(const uint8_t* bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}
