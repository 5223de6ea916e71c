// Formats that state the size of their samples once. libsndfile reads what follows them as sound.
#include <stdlib.h>

#include <algorithm>

#include "declared_size.h"

namespace sonogram {
namespace {

constexpr uint64_t MOST_CHANNELS = 1 << 10;

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

// Content whose header states at `place` the number of units of `width` bytes from `start` on.
Content counted(Content content, int64_t place, uint64_t width, int64_t start, bool big_endian, Ending* ending) {
  const uint64_t count = content->number(place, 4, big_endian);
  const uint64_t stated = count >= 0x7FFF0000 ? (uint64_t)INT64_MAX : count * width;  // no sound of these is so long
  const int64_t held = sample_bytes(*content, {stated, start, 8, big_endian}, ending);
  if (!ending->to_the_end()) return first_bytes(content, start + held);
  return patched(content, {{place, encoded((uint64_t)held / width, 4, big_endian)}});
}

// Creative Voice: blocks of a kind and three bytes of size; kind 0 ends them. No block has another kind than 0
// to 9, so the size before it is wrong: libsndfile reads a single block to the end of the file.
Content voc(Content content, Ending* ending) {
  const Bytes& bytes = *content;
  constexpr uint64_t UNKNOWN = 0xFFFFFF, LAST_KIND = 9;
  int64_t place = (int64_t)bytes.number(20, 2, false);
  for (int i = 0; i < MAX_CHUNKS && place < bytes.size(); ++i) {
    const uint64_t kind = bytes.number(place, 1, false), size = bytes.number(place + 1, 3, false);
    if (kind == 0) {
      const int64_t end = place + 1;
      sample_bytes(bytes, {(uint64_t)end, 0, 3, false}, ending);  // what follows the last block
      return ending->not_closed ? content : first_bytes(content, end);
    }
    ending->not_closed = kind > LAST_KIND || size == UNKNOWN;
    if (ending->not_closed) return content;
    place = end_of(bytes, size, place + 4, ending);
  }
  return content;
}

// MATLAB 4: two matrices, the sample rate and the samples. Each has precision, rows, columns, imaginary part
// and size of the name.
Content mat4(Content content, Ending* ending) {
  const Bytes& bytes = *content;
  const bool big_endian = bytes.number(0, 4, false) >= 1000;
  const auto width = [&](int64_t place) -> uint64_t {
    const uint64_t precision = bytes.number(place, 4, big_endian) / 10 % 10;
    return precision == 0 ? 8 : precision < 3 ? 4 : precision < 5 ? 2 : 1;
  };
  const auto start = [&](int64_t place) { return place + 20 + (int64_t)bytes.number(place + 16, 4, big_endian); };
  const int64_t place = start(0) + (int64_t)width(0);
  const uint64_t rows = bytes.number(place + 4, 4, big_endian);
  if (rows == 0 || rows > MOST_CHANNELS) return content;
  return counted(content, place + 8, width(place) * rows, start(place), big_endian, ending);
}

// MATLAB 5: two elements of a type and a size, the sample rate and the samples. The second one is a matrix:
// flags, dimensions and name (small ones within 8 bytes), then the samples.
Content mat5(Content content, Ending* ending) {
  const Bytes& bytes = *content;
  const bool big_endian = bytes.has(126, "MI");
  int64_t place = 136 + (int64_t)bytes.number(132, 4, big_endian) + 8;
  for (int i = 0; i < 3; ++i) {
    const bool small = bytes.number(place, 4, big_endian) >> 16;
    place += 8 + (small ? 0 : ((int64_t)bytes.number(place + 4, 4, big_endian) + 7) / 8 * 8);
  }
  return counted(content, place + 4, 1, place + 8, big_endian, ending);
}

Content nist(Content content, Ending* ending) {
  const std::string text = content->text(0, 1024);
  const uint64_t count = field(text, "sample_count");
  if (count == 0) return content;
  const uint64_t width = std::min<uint64_t>(field(text, "channel_count"), MOST_CHANNELS) * std::min<uint64_t>(field(text, "sample_n_bytes"), 8);
  const int64_t start = std::max(1024ll, atoll(text.c_str() + std::min<size_t>(8, text.size())));
  if (width == 0) return content;
  const int64_t held = sample_bytes(*content, {count * width, start, 8}, ending);
  return first_bytes(content, start + held);  // libsndfile reads to the end whatever the header states
}

// MIDI sample dump: packets of 127 bytes; numbers have 7 bits a byte, the least significant ones first.
Content sds(Content content, Ending* ending) {
  const uint64_t bits = content->number(6, 1, false), in_packet = bits <= 14 ? 60 : bits <= 21 ? 40 : 30;
  uint64_t count = 0;
  for (int i = 2; i >= 0; --i) count = count << 7 | content->number(10 + i, 1, false);
  const int64_t held = sample_bytes(*content, {(count + in_packet - 1) / in_packet * 127, 21, 8}, ending);
  if (!ending->not_closed) return first_bytes(content, 21 + held);
  const uint64_t whole = (uint64_t)held / 127 * in_packet;
  const std::string digits = {(char)(whole & 127), (char)(whole >> 7 & 127), (char)(whole >> 14 & 127)};
  return patched(content, {{10, digits}});
}

Content avr(Content content, Ending* ending) {
  const uint64_t width = content->number(14, 2, true) > 8 ? 2 : 1, channels = content->number(12, 2, true) ? 2 : 1;
  return counted(content, 26, width * channels, 128, true, ending);
}

Content wve(Content content, Ending* ending) {
  return counted(content, 18, 1, 32, true, ending);
}

// Akai MPC: the last sample, one of two beginnings of a loop, before the samples.
Content mpc(Content content, Ending* ending) {
  ending->require(*content, 2 * (1 + content->number(21, 1, false)) * content->number(30, 4, false), 42);
  return before_tags(content);
}

Content avi(Content content, Ending* ending) {
  Chunks chunks(*content, 12, false);
  for (Chunk chunk; chunks.next(&chunk);)
    if (chunk.tag == "LIST" && content->has(chunk.start, "movi")) ending->require(*content, chunk.size, chunk.start);
  return content;
}

}  // namespace

Content before_tags(Content content) {
  const Bytes& bytes = *content;
  int64_t end = bytes.size();
  if (bytes.has(end - 128, "TAG")) end -= 128;
  if (bytes.has(end - 32, "APETAGEX")) {
    const int64_t size = (int64_t)bytes.number(end - 20, 4, false);
    const int64_t head = bytes.has(end - size - 32, "APETAGEX") ? 32 : 0;
    if (size >= 32 && size + head <= end) end -= size + head;
  }
  return first_bytes(content, end);
}

Content to_samples_end(Content content, Ending* ending) {
  if (content->has(20, "samplerate")) return mat4(content, ending);
  if (content->has(0, "MATLAB 5.0 MAT-file")) return mat5(content, ending);
  if (content->has(0, "NIST")) return nist(content, ending);
  if (content->has(0, "Creative Voice File")) return voc(content, ending);
  if (content->has(0, "2BIT")) return avr(content, ending);
  if (content->has(0, "ALawSoundFile**")) return wve(content, ending);
  if (content->has(0, "\xF0\x7E")) return sds(content, ending);
  if (content->has(0, "\1\4")) return mpc(content, ending);
  if (content->has(0, "RIFF") && content->has(8, "AVI ")) return avi(content, ending);
  return before_tags(content);
}

}  // namespace sonogram
