#include "declared_size.h"

#include <ctype.h>
#include <stdlib.h>

#include <algorithm>

#include "problems.h"

namespace sonogram {
namespace {

constexpr uint64_t SLACK = 64;  // bytes that may be missing: old writers count the header as samples
constexpr int64_t SHORTEST_REST = 512;  // fewer bytes after the samples are no recording
constexpr int MAX_CHUNKS = 10000;

bool is_tag(const Bytes& bytes, int64_t position) {
  const std::string tag = bytes.text(position, 4);
  return tag.size() == 4 && std::all_of(tag.begin(), tag.end(), [](unsigned char c) { return c >= 32 && c < 127; });
}

// Whether chunks, tags (ID3, APE) or zeros follow. Anything else is samples that the header does not count.
bool is_trailer(const Bytes& bytes, int64_t position, bool big_endian) {
  for (const char* tag : {"ID3", "TAG", "APETAGEX", "LYRICSBEGIN"})
    if (bytes.has(position, tag)) return true;
  for (int64_t place : {position, position + 1})
    if (is_tag(bytes, place) && (int64_t)bytes.number(place + 4, 4, big_endian) <= bytes.size() - place - 8 + (int64_t)SLACK)
      return true;
  const std::string rest = bytes.text(position, 1 << 20);
  return rest.find_first_not_of('\0') == std::string::npos;
}

// Whether a size is a placeholder. Programs that stream to a pipe write one before they know the length:
// the largest value of 32 or 31 bits, sometimes less the header, or a round number.
bool stands_for_unknown(const DeclaredSize& size) {
  if (size.size_bytes == 8) return size.stated >= (uint64_t)INT64_MAX - 65536;
  return size.stated >= 0xFFFF0000 || (size.stated >= 0x7FFF0000 && size.stated <= 0x80010000) ||
         size.stated % 1000000000 == 0;
}

// A field of a text header ("name -i value").
int64_t field(const std::string& header, const char* name) {
  const size_t place = header.find(std::string("\n") + name + " -i ");
  return place == std::string::npos ? 0 : atoll(header.c_str() + header.find("-i", place) + 3);
}

// The content with some bytes replaced.
Content patched(Content content, std::initializer_list<std::pair<int64_t, std::string>> patches) {
  auto made = std::make_shared<Spliced>(content);
  int64_t from = 0;
  for (const auto& [position, own] : patches) {
    made->add(from, position);
    made->add(own);
    from = position + (int64_t)own.size();
  }
  made->add(from, content->size());
  return made;
}

Content aiff(Content content, Ending* ending) {
  Chunks chunks(*content, 12, true);
  Chunk common;
  for (Chunk chunk; chunks.next(&chunk);) {
    if (chunk.tag == "COMM") common = chunk;
    if (chunk.tag == "BODY") ending->require(*content, chunk.size, chunk.start);
    if (chunk.tag != "SSND") continue;
    const int64_t start = chunk.start + 8;  // after an offset and a block size
    const uint64_t stated = chunk.size > 8 ? chunk.size - 8 : 0;
    const int64_t size = sample_bytes(*content, {stated, start, 4, true, content->number(4, 4, true)}, ending);
    const int64_t width = (int64_t)(content->number(common.start, 2, true) *
                                    ((content->number(common.start + 6, 2, true) + 7) / 8));
    if (!ending->to_the_end() || common.start == 0 || common.start > start || width == 0) return content;
    return patched(content, {{4, encoded((uint64_t)content->size() - 8, 4, true)},
                             {common.start + 2, encoded((uint64_t)(size / width), 4, true)},
                             {chunk.start - 4, encoded((uint64_t)size + 8, 4, true)}});
  }
  return content;
}

Content caf(Content content, Ending* ending) {
  Chunks chunks(*content, 8, true, 8);
  for (Chunk chunk; chunks.next(&chunk);) {
    if (chunk.tag != "data") continue;
    const int64_t start = chunk.start + 4;  // after the number of edits
    const uint64_t stated = chunk.size > 4 ? chunk.size - 4 : 0;
    const int64_t size = sample_bytes(*content, {stated, start, 8}, ending);
    if (!ending->to_the_end()) return content;
    return patched(content, {{chunk.start - 8, encoded((uint64_t)size + 4, 8, true)}});
  }
  return content;
}

Content au(Content content, Ending* ending) {
  const bool big_endian = content->has(0, ".snd");
  const int64_t start = (int64_t)content->number(4, 4, big_endian);
  const int64_t size = sample_bytes(*content, {content->number(8, 4, big_endian), start, 4, big_endian}, ending);
  if (!ending->to_the_end()) return content;
  return patched(content, {{8, encoded((uint64_t)size, 4, big_endian)}});
}

// Sony Wave64: each chunk has a GUID and a size that includes both, and begins at a multiple of 8.
Content wave64(Content content, Ending* ending) {
  int64_t place = 40;
  for (int i = 0; i < MAX_CHUNKS && place < content->size(); ++i) {
    const uint64_t size = content->number(place + 16, 8, false);
    if (content->has(place, "data")) {
      const uint64_t stated = size > 24 ? size - 24 : 0;
      const int64_t held = sample_bytes(*content, {stated, place + 24, 8, false}, ending);
      if (!ending->to_the_end()) return content;
      return patched(content, {{16, encoded((uint64_t)content->size(), 8, false)},
                               {place + 16, encoded((uint64_t)held + 24, 8, false)}});
    }
    if (size < 24 || size > (uint64_t)content->size()) break;
    place += (int64_t)((size + 7) / 8 * 8);
  }
  return content;
}

void check_voc(const Bytes& bytes, Ending* ending) {  // blocks of a kind and three bytes of size; kind 0 ends them
  int64_t place = (int64_t)bytes.number(20, 2, false);
  for (int i = 0; i < MAX_CHUNKS && place < bytes.size() && bytes.number(place, 1, false) != 0; ++i) {
    const uint64_t size = bytes.number(place + 1, 3, false);
    ending->require(bytes, size, place + 4);
    place += 4 + (int64_t)size;
  }
}

// Matrices: precision, rows, columns, imaginary part, size of the name.
void check_mat4(const Bytes& bytes, Ending* ending) {
  const bool big_endian = bytes.number(0, 4, false) >= 1000;
  int64_t place = 0;
  for (int i = 0; i < MAX_CHUNKS && place < bytes.size(); ++i) {
    const uint64_t precision = bytes.number(place, 4, big_endian) / 10 % 10;
    const uint64_t width = precision == 0 ? 8 : precision < 3 ? 4 : precision < 5 ? 2 : 1;
    const uint64_t rows = bytes.number(place + 4, 4, big_endian), columns = bytes.number(place + 8, 4, big_endian);
    place += 20 + (int64_t)bytes.number(place + 16, 4, big_endian);
    ending->require(bytes, rows > INT32_MAX || columns > INT32_MAX / width ? UINT64_MAX : rows * columns * width, place);
    if (ending->truncated) return;
    place += (int64_t)(rows * columns * width);
  }
}

void check_mat5(const Bytes& bytes, Ending* ending) {  // elements of a type and a size
  const bool big_endian = bytes.has(126, "MI");
  int64_t place = 128;
  for (int i = 0; i < MAX_CHUNKS && place < bytes.size(); ++i) {
    const uint64_t size = bytes.number(place + 4, 4, big_endian);
    ending->require(bytes, size, place + 8);
    place += 8 + (int64_t)size;
  }
}

void check_others(const Bytes& bytes, Ending* ending) {
  if (bytes.has(20, "samplerate")) check_mat4(bytes, ending);
  if (bytes.has(0, "MATLAB 5.0 MAT-file")) check_mat5(bytes, ending);
  const std::string head = bytes.text(0, 4);
  if (head == "NIST") {
    const std::string text = bytes.text(0, 1024);
    ending->require(bytes, (uint64_t)(field(text, "sample_count") * field(text, "channel_count") * field(text, "sample_n_bytes")),
            std::max(1024ll, atoll(text.c_str() + std::min<size_t>(8, text.size()))));
  }
  if (head == "Crea" && bytes.has(0, "Creative Voice File")) check_voc(bytes, ending);
  if (head == "2BIT") {
    const uint64_t width = bytes.number(14, 2, true) > 8 ? 2 : 1, channels = bytes.number(12, 2, true) ? 2 : 1;
    ending->require(bytes, bytes.number(26, 4, true) * width * channels, 128);
  }
  if (head == "RIFF" && bytes.has(8, "AVI ")) {
    Chunks chunks(bytes, 12, false);
    for (Chunk chunk; chunks.next(&chunk);)
      if (chunk.tag == "LIST" && bytes.has(chunk.start, "movi")) ending->require(bytes, chunk.size, chunk.start);
  }
}

}  // namespace

void Ending::require(const Bytes& bytes, uint64_t stated, int64_t start) {
  const int64_t held = std::max<int64_t>(0, bytes.size() - start);
  if (!truncated && stated > (uint64_t)held + SLACK)
    truncated = SoundError{TRUNCATED_BYTES, {std::to_string(stated), std::to_string(held)}};
}

bool Chunks::next(Chunk* chunk) {
  const int length = 4 + size_bytes_;
  if (count_++ >= MAX_CHUNKS || next_ < 0 || next_ > bytes_.size() - length) return false;
  // Chunks of 4-byte sizes are padded to an even length; some programs forget the byte.
  if (padded_ && !is_tag(bytes_, next_) && is_tag(bytes_, next_ - 1)) {
    --next_;
    irregular_ = true;
  }
  chunk->tag = bytes_.text(next_, 4);
  chunk->start = next_ + length;
  chunk->size = bytes_.number(next_ + 4, size_bytes_, big_endian_);
  padded_ = size_bytes_ == 4 && chunk->size % 2;
  next_ = chunk->start + (int64_t)std::min((uint64_t)INT64_MAX / 2, chunk->size) + (padded_ ? 1 : 0);
  return true;
}

int64_t sample_bytes(const Bytes& bytes, const DeclaredSize& size, Ending* ending) {
  const int64_t held = std::max<int64_t>(0, bytes.size() - size.start);
  if (size.stated > (uint64_t)held + SLACK) {
    // A truncated file has two sizes (of the file and of the samples) that agree. In a file that was never
    // closed they disagree.
    ending->not_closed = stands_for_unknown(size) || size.whole < size.stated - SLACK;
    if (!ending->not_closed) ending->require(bytes, size.stated, size.start);
    return held;
  }
  const int64_t given = std::min<int64_t>((int64_t)size.stated, held), rest = held - given;
  // A size beyond 4 GiB wraps around: the difference is a multiple of 2^32, or 1 less for a padding byte.
  const bool wrapped = size.size_bytes == 4 && rest > SHORTEST_REST && (uint64_t)(rest + 1) % (1ull << 32) <= 1;
  const bool more = rest >= (given ? SHORTEST_REST : 1);
  ending->not_closed = wrapped || (more && !is_trailer(bytes, size.start + given, size.big_endian));
  return ending->not_closed ? held : given;
}

Content with_true_size(Content content, Ending* ending) {
  const std::string head = content->text(0, 4);
  if (head == "FORM") return aiff(content, ending);
  if (head == "caff") return caf(content, ending);
  if (head == ".snd" || head == "dns.") return au(content, ending);
  if (head == "riff") return wave64(content, ending);
  check_others(*content, ending);
  return content;
}

}  // namespace sonogram
