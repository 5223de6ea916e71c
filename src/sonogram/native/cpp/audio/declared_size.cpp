#include "declared_size.h"

#include <ctype.h>
#include <stdlib.h>

#include <algorithm>

#include "flac.h"
#include "problems.h"

namespace sonogram {
namespace {

constexpr uint64_t SLACK = 64;  // bytes that may be missing: old writers count the header as samples
constexpr int64_t SHORTEST_REST = 512;  // fewer bytes after the samples are no recording

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

// Without the file that follows.
Content alone(Content content, const Ending& ending) {
  return ending.next ? first_bytes(content, ending.next) : content;
}

// Whether a file of the same kind begins there. Of MATLAB 4 the first four bytes are a number, often 0.
bool begins(const Bytes& bytes, int64_t place) {
  if (bytes.size() - place <= SHORTEST_REST || !bytes.has(place, bytes.text(0, 4))) return false;
  return !bytes.has(20, "samplerate") || bytes.has(place + 20, "samplerate");
}

// A file that was joined to the one that ends there, perhaps after bytes that fill its last chunk.
void find_next(const Bytes& bytes, int64_t end, Ending* ending) {
  for (const int64_t multiple : {1, 2, 8}) {
    const int64_t place = (end + multiple - 1) / multiple * multiple;
    if (ending->next == 0 && !ending->to_the_end() && begins(bytes, place)) ending->next = place;
  }
}

struct AiffBlock {
  int64_t bytes;  // of all channels
  int64_t count;  // what the common chunk states for them: samples, or packets
  bool is_packet;
};

AiffBlock aiff_block(const Bytes& bytes, int64_t common) {
  const int64_t channels = (int64_t)bytes.number(common, 2, true);
  const std::string coding = bytes.has(8, "AIFC") ? bytes.text(common + 18, 4) : "";
  if (coding == "ima4") return {34 * channels, 1, true};
  if (coding == "GSM ") return {33 * channels, 160, true};
  const bool byte = coding == "ulaw" || coding == "ULAW" || coding == "alaw" || coding == "ALAW";  // of 16 bits
  return {channels * (byte ? 1 : ((int64_t)bytes.number(common + 6, 2, true) + 7) / 8), 1, false};
}

Content aiff(Content content, Ending* ending) {
  Chunks chunks(*content, 12, true);
  Chunk common;
  for (Chunk chunk; chunks.next(&chunk);) {
    if (chunk.tag == "COMM") common = chunk;
    if (chunk.tag == "BODY") {  // 8SVX, 16SV
      const int64_t size = sample_bytes(*content, {chunk.size, chunk.start, 4, true, content->number(4, 4, true)}, ending);
      const Content sized = patched(content, {{chunk.start - 4, encoded((uint64_t)size, 4, true)}});
      return first_bytes(ending->to_the_end() ? sized : content, chunk.start + size);
    }
    if (chunk.tag != "SSND") continue;
    const int64_t start = chunk.start + 8;  // after an offset and a block size
    const uint64_t stated = chunk.size > 8 ? chunk.size - 8 : 0;
    const int64_t size = sample_bytes(*content, {stated, start, 4, true, content->number(4, 4, true)}, ending);
    const AiffBlock block = aiff_block(*content, common.start);
    const int64_t count = block.bytes ? size / block.bytes : 0, whole = count * block.bytes;
    // Of an incomplete packet libsndfile gives what was in memory before.
    const bool correct = !ending->to_the_end() && (!block.is_packet || whole == size);
    if (correct || common.start == 0 || common.start > start || block.bytes == 0) return content;
    const Content sized = patched(content, {{4, encoded((uint64_t)(start + whole) - 8, 4, true)},
                                            {common.start + 2, encoded((uint64_t)(count * block.count), 4, true)},
                                            {chunk.start - 4, encoded((uint64_t)whole + 8, 4, true)}});
    return first_bytes(sized, start + whole);
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
      if (!ending->to_the_end()) return first_bytes(content, place + 24 + held);
      return patched(content, {{16, encoded((uint64_t)content->size(), 8, false)},
                               {place + 16, encoded((uint64_t)held + 24, 8, false)}});
    }
    if (size < 24 || size > (uint64_t)content->size()) break;
    place += (int64_t)((size + 7) / 8 * 8);
  }
  return content;
}

// FLAC: the last frame may end after the stated number of samples, at which libsndfile stops. A program that
// streams states none, and then libsndfile takes what follows the last frame for another one.
Content flac(Content content, const FlacFacts& facts, Ending* ending) {
  const int64_t held = last_sample(*content, facts);
  ending->not_closed = facts.total > 0 && held > facts.total;
  if (held <= facts.total) return content;
  constexpr uint64_t BITS = 0xFFFFFFFFF;  // 36 of 40
  return patched(content, {{21, encoded((content->number(21, 5, true) & ~BITS) | ((uint64_t)held & BITS), 5, true)}});
}

}  // namespace

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

Content first_bytes(Content content, int64_t end) {
  if (end >= content->size()) return content;
  auto made = std::make_shared<Spliced>(content);
  made->add(0, end);
  return made;
}

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
  find_next(bytes, size.start + given, ending);
  // A size beyond 4 GiB wraps around: the difference is a multiple of 2^32, or 1 less for a padding byte.
  const bool wrapped = size.size_bytes == 4 && rest > SHORTEST_REST && (uint64_t)(rest + 1) % (1ull << 32) <= 1;
  const bool more = rest >= (given ? SHORTEST_REST : 1);
  ending->not_closed = ending->next == 0 && (wrapped || (more && !is_trailer(bytes, size.start + given, size.big_endian)));
  return ending->not_closed ? held : given;
}

Content with_true_size(Content content, Ending* ending) {
  const std::string head = content->text(0, 4);
  if (head == "FORM") return alone(aiff(content, ending), *ending);
  if (head == "caff") return alone(caf(content, ending), *ending);
  if (head == ".snd" || head == "dns.") return alone(au(content, ending), *ending);
  if (head == "riff") return wave64(content, ending);
  if (const auto facts = flac_facts(*content)) {
    ending->next = next_flac(*content, *facts);
    return flac(before_tags(alone(content, *ending)), *facts, ending);
  }
  return alone(to_samples_end(content, ending), *ending);
}

}  // namespace sonogram
