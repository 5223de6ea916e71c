// Formats that state the size of their samples once. libsndfile reads what follows them as sound.
#include <stdlib.h>

#include <algorithm>

#include "declared_size.h"

namespace sonogram {
namespace {

// A field of a text header: "name -i value". libsndfile writes some numbers as texts, "name -s1 value".
uint64_t field(const std::string& header, const char* name) {
  const std::string key = std::string("\n") + name + " -";
  const size_t place = header.find(key), value = place == std::string::npos ? place : header.find(' ', place + key.size());
  return value == std::string::npos ? 0 : (uint64_t)std::clamp(atoll(header.c_str() + value), 0ll, 1ll << 40);
}

// The end of `stated` bytes from `start` on.
int64_t end_of(const Bytes& bytes, uint64_t stated, int64_t start, Ending* ending) {
  ending->require(bytes, stated, start);
  const int64_t held = std::max<int64_t>(0, bytes.size() - start);
  return start + (int64_t)std::min<uint64_t>(stated, (uint64_t)held);
}

// Creative Voice: blocks of a kind and three bytes of size; kind 0 ends them.
int64_t voc(const Bytes& bytes, Ending* ending) {
  int64_t place = (int64_t)bytes.number(20, 2, false);
  for (int i = 0; i < MAX_CHUNKS && place < bytes.size(); ++i) {
    if (bytes.number(place, 1, false) == 0) return place + 1;
    place = end_of(bytes, bytes.number(place + 1, 3, false), place + 4, ending);
  }
  return bytes.size();
}

// MATLAB 4: two matrices, the sample rate and the samples. Each has precision, rows, columns, imaginary part
// and size of the name.
int64_t mat4(const Bytes& bytes, Ending* ending) {
  const bool big_endian = bytes.number(0, 4, false) >= 1000;
  int64_t place = 0;
  for (int i = 0; i < 2; ++i) {
    const uint64_t precision = bytes.number(place, 4, big_endian) / 10 % 10;
    const uint64_t width = precision == 0 ? 8 : precision < 3 ? 4 : precision < 5 ? 2 : 1;
    const uint64_t rows = bytes.number(place + 4, 4, big_endian), columns = bytes.number(place + 8, 4, big_endian);
    const uint64_t size = rows > INT32_MAX || columns > INT32_MAX / width ? INT64_MAX : rows * columns * width;
    place = end_of(bytes, size, place + 20 + (int64_t)bytes.number(place + 16, 4, big_endian), ending);
  }
  return place;
}

// MATLAB 5: two elements of a type and a size, the sample rate and the samples. The second one is a matrix:
// flags, dimensions and name (small ones within 8 bytes), then the samples.
int64_t mat5(const Bytes& bytes, Ending* ending) {
  const bool big_endian = bytes.has(126, "MI");
  int64_t place = 136 + (int64_t)bytes.number(132, 4, big_endian) + 8;
  for (int i = 0; i < 3; ++i) {
    const bool small = bytes.number(place, 4, big_endian) >> 16;
    place += 8 + (small ? 0 : ((int64_t)bytes.number(place + 4, 4, big_endian) + 7) / 8 * 8);
  }
  return end_of(bytes, bytes.number(place + 4, 4, big_endian), place + 8, ending);
}

int64_t nist(const Bytes& bytes, Ending* ending) {
  const std::string text = bytes.text(0, 1024);
  const uint64_t count = field(text, "sample_count");
  if (count == 0) return bytes.size();
  const uint64_t width = std::min<uint64_t>(field(text, "channel_count"), 1 << 10) * std::min<uint64_t>(field(text, "sample_n_bytes"), 8);
  const int64_t start = std::max(1024ll, atoll(text.c_str() + std::min<size_t>(8, text.size())));
  return width == 0 ? bytes.size() : end_of(bytes, count * width, start, ending);
}

// MIDI sample dump: packets of 127 bytes; numbers have 7 bits a byte, the least significant ones first.
int64_t sds(const Bytes& bytes, Ending* ending) {
  const uint64_t bits = bytes.number(6, 1, false), in_packet = bits <= 14 ? 60 : bits <= 21 ? 40 : 30;
  uint64_t count = 0;
  for (int i = 2; i >= 0; --i) count = count << 7 | bytes.number(10 + i, 1, false);
  return end_of(bytes, (count + in_packet - 1) / in_packet * 127, 21, ending);
}

int64_t avr(const Bytes& bytes, Ending* ending) {
  const uint64_t width = bytes.number(14, 2, true) > 8 ? 2 : 1, channels = bytes.number(12, 2, true) ? 2 : 1;
  return end_of(bytes, bytes.number(26, 4, true) * width * channels, 128, ending);
}

int64_t wve(const Bytes& bytes, Ending* ending) { return end_of(bytes, bytes.number(18, 4, true), 32, ending); }

int64_t avi(const Bytes& bytes, Ending* ending) {
  Chunks chunks(bytes, 12, false);
  for (Chunk chunk; chunks.next(&chunk);)
    if (chunk.tag == "LIST" && bytes.has(chunk.start, "movi")) ending->require(bytes, chunk.size, chunk.start);
  return bytes.size();
}

// The end of the content before the tags that taggers append to any file: ID3v1, APEv2.
int64_t before_tags(const Bytes& bytes) {
  int64_t end = bytes.size();
  if (bytes.has(end - 128, "TAG")) end -= 128;
  if (bytes.has(end - 32, "APETAGEX")) {
    const int64_t size = (int64_t)bytes.number(end - 20, 4, false) + (bytes.number(end - 9, 1, false) & 0x80 ? 32 : 0);
    if (size <= end) end -= size;
  }
  return end;
}

}  // namespace

int64_t samples_end(const Bytes& bytes, Ending* ending) {
  if (bytes.has(20, "samplerate")) return mat4(bytes, ending);
  if (bytes.has(0, "MATLAB 5.0 MAT-file")) return mat5(bytes, ending);
  if (bytes.has(0, "NIST")) return nist(bytes, ending);
  if (bytes.has(0, "Creative Voice File")) return voc(bytes, ending);
  if (bytes.has(0, "2BIT")) return avr(bytes, ending);
  if (bytes.has(0, "ALawSoundFile**")) return wve(bytes, ending);
  if (bytes.has(0, "\xF0\x7E")) return sds(bytes, ending);
  if (bytes.has(0, "RIFF") && bytes.has(8, "AVI ")) return avi(bytes, ending);
  return before_tags(bytes);
}

}  // namespace sonogram
