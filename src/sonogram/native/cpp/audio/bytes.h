// The content of a sound file: in memory, on disk, read by a callback, or spliced from other content.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sonogram {

class Bytes {
 public:
  virtual ~Bytes() = default;

  int64_t size() const { return size_; }

  // Copies at most `count` bytes from `position` on and returns their number; 0 outside the content.
  int64_t read(int64_t position, void* to, int64_t count) const;

  // The bytes from `position` on, at most `count`.
  std::string text(int64_t position, int64_t count) const;

  // Whether the bytes at `position` equal `tag`.
  bool has(int64_t position, std::string_view tag) const { return text(position, (int64_t)tag.size()) == tag; }

  // The integer of `count` bytes at `position`; bytes beyond the end are 0.
  uint64_t number(int64_t position, int count, bool big_endian) const;

 protected:
  virtual int64_t copy(int64_t position, void* to, int64_t count) const = 0;  // within the content

  int64_t size_ = 0;
};

using Content = std::shared_ptr<const Bytes>;
using ReadAt = int64_t (*)(int64_t position, void* to, int64_t count);

// Memory that the caller keeps alive longer than the content.
Content content_in_memory(const void* memory, int64_t size);
// A regular file. Reads use explicit positions (pread), so the position of the descriptor never changes.
Content content_of_descriptor(int descriptor);
Content content_of_callback(ReadAt read, int64_t size);
// A file or a pipe. Throws SoundError.
Content content_of_path(const std::string& path);

// A concatenation of pieces of other content and of given bytes.
class Spliced : public Bytes {
 public:
  explicit Spliced(Content content) : content_(std::move(content)) {}

  // The bytes from `start` to `end` of the content.
  void add(int64_t start, int64_t end);
  void add(std::string own);

 protected:
  int64_t copy(int64_t position, void* to, int64_t count) const override;

 private:
  struct Piece {
    int64_t place, start, size;  // place: in the whole; start: in the content
    std::string own;             // instead of the content, where it is not empty
  };
  Content content_;
  std::vector<Piece> pieces_;
};

// The bytes of an integer.
std::string encoded(uint64_t value, int count, bool big_endian);

}  // namespace sonogram
