// The same rules as in sonogram/audio/headers.py, which says why.
#include "promise.h"

#include <string.h>

#include <algorithm>
#include <vector>

namespace {

using Wide = __int128;  // places and sizes that a header states may be anything

constexpr Wide SLACK = 64;
constexpr uint64_t PLACEHOLDER = 0x7FFFF000;
constexpr int MAX_CHUNKS = 10000;
constexpr int64_t OGG_TAIL = 2 * (27 + 255 + 255 * 255);

std::string text_of(Wide value) {
  std::string digits;
  do digits.insert(digits.begin(), (char)('0' + (int)(value % 10)));
  while ((value /= 10) > 0);
  return digits;
}

std::string missing(Wide size, Wide held) {
  if (size <= held + SLACK) return "";
  return "its header promises " + text_of(size) + " bytes of samples and the file holds " +
         text_of(std::max<Wide>(held, 0));
}

struct Chunk {
  char tag[4];
  Wide start;
  uint64_t size;
};

class Chunks {
 public:
  Chunks(const Bytes& bytes, int64_t start, bool big_endian, int size_bytes)
      : bytes_(bytes), next_(start), big_endian_(big_endian), size_bytes_(size_bytes) {}

  bool next(Chunk* chunk) {
    uint8_t head[12];
    if (count_++ >= MAX_CHUNKS || (count_ > 1 && next_ >= bytes_.size())) return false;
    const int length = 4 + size_bytes_;
    if (bytes_.read((int64_t)next_, head, length) < length) return false;
    memcpy(chunk->tag, head, 4);
    chunk->start = next_ + length;
    chunk->size = big_endian_ ? big(head + 4, size_bytes_) : little(head + 4, size_bytes_);
    // Chunks of 4-byte sizes are padded to an even length; CAF's are not.
    next_ = chunk->start + chunk->size + (size_bytes_ == 4 ? chunk->size % 2 : 0);
    return true;
  }

 private:
  const Bytes& bytes_;
  Wide next_;
  bool big_endian_;
  int size_bytes_;
  int count_ = 0;
};

bool is(const void* at, const char* tag) { return memcmp(at, tag, 4) == 0; }

std::string of_chunk(Chunks chunks, const char* tag, int64_t end) {
  for (Chunk chunk; chunks.next(&chunk);)
    if (is(chunk.tag, tag)) return chunk.size == UINT64_MAX ? "" : missing(chunk.size, end - chunk.start);
  return "";
}

std::string of_wav(const Bytes& bytes, const uint8_t* head, int64_t end) {
  const bool big_endian = is(head, "RIFX");
  const uint64_t whole = big_endian ? big(head + 4, 4) : little(head + 4, 4);
  bool has_wide = false;
  uint64_t wide = 0;
  Chunks chunks(bytes, 12, big_endian, 4);
  for (Chunk chunk; chunks.next(&chunk);) {
    if (is(chunk.tag, "ds64")) {
      uint8_t size[8] = {0};
      bytes.read((int64_t)chunk.start + 8, size, 8);
      wide = little(size, 8);
      has_wide = true;
    }
    if (!is(chunk.tag, "data")) continue;
    if (has_wide && chunk.size == 0xFFFFFFFF) return missing(wide, end - chunk.start);
    if (whole >= chunk.size && chunk.size >= PLACEHOLDER && whole > (uint64_t)end) return "";
    return missing(chunk.size, end - chunk.start);
  }
  return "";
}

std::string of_ogg(const Bytes& bytes, int64_t end) {
  const int64_t start = std::max<int64_t>(0, end - OGG_TAIL);
  std::vector<uint8_t> tail((size_t)(end - start));
  tail.resize((size_t)bytes.read(start, tail.data(), end - start));
  static const uint8_t magic[] = {'O', 'g', 'g', 'S'};
  const auto page = std::find_end(tail.begin(), tail.end(), magic, magic + 4);
  if (page == tail.end()) return "";
  const int64_t held = tail.end() - page;
  if (held > 26 && held >= 27 + page[26]) {
    int64_t needed = 27 + page[26];
    for (int i = 0; i < page[26]; ++i) needed += page[27 + i];
    if (held >= needed) return "";
  }
  return "the file ends in the middle of an Ogg page";
}

}  // namespace

std::string broken_promise(const Bytes& bytes) {
  const int64_t end = bytes.size();
  uint8_t head[12] = {0};
  const int64_t got = bytes.read(0, head, 12);
  if ((is(head, "RIFF") || is(head, "RIFX") || is(head, "RF64")) && is(head + 8, "WAVE"))
    return of_wav(bytes, head, end);
  if (is(head, "FORM") && (is(head + 8, "AIFF") || is(head + 8, "AIFC")))
    return of_chunk(Chunks(bytes, 12, true, 4), "SSND", end);
  if (is(head, "caff")) return of_chunk(Chunks(bytes, 8, true, 8), "data", end);
  if (is(head, ".snd")) {
    const int64_t start = (int64_t)big(head + 4, (int)std::clamp<int64_t>(got - 4, 0, 4));
    const uint64_t size = big(head + 8, (int)std::clamp<int64_t>(got - 8, 0, 4));
    return size == 0xFFFFFFFF ? "" : missing(size, end - (Wide)start);
  }
  if (is(head, "OggS")) return of_ogg(bytes, end);
  return "";
}
