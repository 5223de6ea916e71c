// Compares the size in a header with the size of the file. This matters because libsndfile returns the
// rest of a truncated recording without an error, and nothing from a recording that was never closed.
#pragma once

#include "reader.h"

namespace sonogram {

struct DeclaredSize {
  uint64_t stated;              // bytes of samples
  int64_t start;                // where they begin
  int size_bytes = 4;           // of the number
  bool big_endian = true;
  uint64_t whole = UINT64_MAX;  // the size that the header states for all that follows it
};

constexpr int MAX_CHUNKS = 10000;

// Number of bytes of samples, as far as the file holds them.
int64_t sample_bytes(const Bytes& bytes, const DeclaredSize& size, Ending* ending);

// The chunks of RIFF, FORM (4-byte sizes) and CAF (8-byte sizes).
struct Chunk {
  std::string tag;
  int64_t start = 0;  // of its content
  uint64_t size = 0;
};
class Chunks {
 public:
  Chunks(const Bytes& bytes, int64_t start, bool big_endian, int size_bytes = 4)
      : bytes_(bytes), next_(start), big_endian_(big_endian), size_bytes_(size_bytes) {}
  bool next(Chunk* chunk);
  bool irregular() const { return irregular_; }  // an odd chunk came without its padding byte

 private:
  const Bytes& bytes_;
  int64_t next_;
  bool big_endian_;
  int size_bytes_;
  int count_ = 0;
  bool padded_ = false, irregular_ = false;
};

// The content with some bytes replaced.
Content patched(Content content, std::initializer_list<std::pair<int64_t, std::string>> patches);

Content first_bytes(Content content, int64_t end);

// Up to the end of the samples, with their true number in the header where libsndfile goes by it: VOC, NIST
// SPHERE, AVR, MAT, SDS, WVE. Of other formats up to the tags that end the file.
Content to_samples_end(Content content, Ending* ending);

// Without the tags that taggers append to any file: ID3v1, APEv2.
Content before_tags(Content content);

// Content of a container other than WAV and Ogg for libsndfile: unchanged, or with the true size in its header.
Content with_true_size(Content content, Ending* ending);

}  // namespace sonogram
