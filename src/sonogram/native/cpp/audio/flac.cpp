// FLAC: finds frames by their headers. Where whole frames are missing, libsndfile gives zeros without an
// error; of joined files it reads the first one.
#include "flac.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sonogram {
namespace {

constexpr size_t HEADER = 16;          // the most bytes of a frame header
constexpr int64_t SEARCHED = 1 << 22;  // a file up to this size is searched as a whole
constexpr int64_t PROBES = 64, PROBED = 1 << 15;  // places of a longer one, and bytes at each
constexpr int64_t PIECE = 1 << 20;
constexpr int MOST_BLOCKS = 10000;

// The remainder of a division of polynomials; 0 over bytes that end with their own checksum.
template <int BITS, uint32_t POLYNOMIAL>
uint32_t checksum(const uint8_t* bytes, size_t count) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> made;
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i << (BITS - 8);
      for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ (value >> (BITS - 1) & 1 ? POLYNOMIAL : 0);
      made[i] = value & ((1u << BITS) - 1);
    }
    return made;
  }();
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i)
    value = (value << 8 & ((1u << BITS) - 1)) ^ table[(value >> (BITS - 8) ^ bytes[i]) & 255];
  return value;
}

// The header in HEADER bytes, without its place; nothing if they are no header of this stream.
std::optional<FlacFrame> parse(const uint8_t* head, const FlacFacts& facts) {
  if (head[0] != 0xFF || (head[1] & 0xFE) != 0xF8 || head[3] & 1) return {};
  const int block = head[2] >> 4, rate = head[2] & 15, layout = head[3] >> 4, width = head[3] >> 1 & 7;
  static const int bits[] = {0, 8, 12, -1, 16, 20, 24, 32};  // 0: as the first metadata block states
  if (block == 0 || rate == 15 || layout > 10 || (layout < 8 ? layout + 1 : 2) != facts.channels) return {};
  if (width != 0 && bits[width] != facts.bits) return {};
  // The number is coded like a character of UTF-8, in up to seven bytes.
  int size = 5, more = 0;
  while (more < 8 && head[4] << more & 128) ++more;
  if (more == 1 || more == 8) return {};
  int64_t number = head[4] & (0x7F >> more);
  for (int i = 1; i < more; ++i) {
    if ((head[size] & 0xC0) != 0x80) return {};
    number = number << 6 | (head[size++] & 0x3F);
  }
  FlacFrame frame;
  frame.samples = block == 1 ? 192 : block < 6 ? 144 << block : 1 << block;
  if (block == 6) frame.samples = head[size++] + 1;
  if (block == 7) {
    frame.samples = (head[size] << 8 | head[size + 1]) + 1;
    size += 2;
  }
  size += rate < 12 ? 0 : rate == 12 ? 1 : 2;
  if (checksum<8, 0x07>(head, (size_t)size + 1) != 0) return {};
  const bool variable = head[1] & 1;
  frame.number = number;
  frame.next = number + (variable ? frame.samples : 1);
  frame.first = variable ? number : number * facts.block;
  return frame;
}

// Calls `take` with each frame whose header begins in `bytes`, except in the last HEADER - 1 of them.
template <class Take>
void each_frame(const std::string& bytes, int64_t start, const FlacFacts& facts, const Take& take) {
  const char* const end = bytes.data() + bytes.size() - std::min(bytes.size(), HEADER - 1);
  for (const char* at = bytes.data(); at < end; ++at) {
    at = (const char*)memchr(at, 0xFF, (size_t)(end - at));
    if (at == nullptr) return;
    if (auto frame = parse((const uint8_t*)at, facts)) {
      frame->place = start + (at - bytes.data());
      take(*frame);
    }
  }
}

// Whether the frames of a file follow one another to the stated end, at some places of it.
bool rises(const Bytes& bytes, const FlacFacts& facts) {
  const int64_t size = bytes.size() - facts.start, tail = bytes.size() - std::min(size, 2 * facts.largest_frame());
  bool ends = false;
  each_frame(bytes.text(tail, bytes.size()) + std::string(HEADER, '\0'), tail, facts,
             [&](const FlacFrame& frame) { ends |= frame.first + frame.samples == facts.total; });
  int64_t before = 0;
  for (int64_t i = 1; i < PROBES && ends; ++i) {
    const int64_t place = facts.start + size / PROBES * i;
    int64_t first = -1;
    each_frame(bytes.text(place, PROBED), place, facts, [&](const FlacFrame& frame) {
      if (first < 0) first = frame.first;
    });
    ends = first < 0 || first >= before;
    before = std::max(before, first);
  }
  return ends;
}

}  // namespace

std::optional<FlacFacts> flac_facts(const Bytes& bytes) {
  if (!bytes.has(0, std::string("fLaC")) || (bytes.number(4, 1, true) & 127) != 0) return {};
  const uint64_t fields = bytes.number(18, 8, true);
  FlacFacts facts;
  facts.block = (int)bytes.number(10, 2, true);
  facts.channels = (int)(fields >> 41 & 7) + 1;
  facts.bits = (int)(fields >> 36 & 31) + 1;
  facts.total = (int64_t)(fields & 0xFFFFFFFFF);
  facts.start = 4;
  for (int i = 0; i < MOST_BLOCKS && facts.start < bytes.size(); ++i) {
    const bool last = bytes.number(facts.start, 1, true) & 128;
    facts.start += 4 + (int64_t)bytes.number(facts.start + 1, 3, true);
    if (last) return facts.block ? std::optional(facts) : std::nullopt;
  }
  return {};
}

int64_t next_flac(const Bytes& bytes, const FlacFacts& facts) {
  if (bytes.size() - facts.start > SEARCHED && rises(bytes, facts)) return 0;
  for (int64_t place = facts.start; place < bytes.size(); place += PIECE) {
    const std::string piece = bytes.text(place, PIECE + 7);
    for (size_t i = piece.find("fLaC"); i != std::string::npos; i = piece.find("fLaC", i + 1))
      if (i + 8 <= piece.size() && (piece[i + 4] & 127) == 0 && piece.compare(i + 5, 3, "\0\0\x22", 3) == 0)
        return place + (int64_t)i;  // its first metadata block has 34 bytes
  }
  return 0;
}

int64_t last_sample(const Bytes& bytes, const FlacFacts& facts) {
  const int64_t tail = std::max(facts.start, bytes.size() - facts.largest_frame());
  const std::string rest = bytes.text(tail, bytes.size());
  std::vector<FlacFrame> frames;
  each_frame(rest + std::string(HEADER, '\0'), tail, facts, [&](const FlacFrame& frame) { frames.push_back(frame); });
  size_t spare = 1 << 22;  // bytes: what a hostile file costs is bounded
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    const size_t size = rest.size() - (size_t)(frame->place - tail);
    if (size > spare) break;
    spare -= size;
    if (checksum<16, 0x8005>((const uint8_t*)rest.data() + rest.size() - size, size) == 0) return frame->first + frame->samples;
  }
  return 0;
}

void FlacWatch::see(int64_t position, const char* bytes, int64_t count) {
  if (gap_ >= 0 || count <= 0) return;
  if (position != position_) {
    rest_.clear();
    last_.reset();
    confirmed_ = false;
  }
  position_ = position + count;
  spare_ += count;
  rest_.append(bytes, (size_t)count);
  const int64_t start = position_ - (int64_t)rest_.size();
  if (position_ == content_->size()) rest_.append(HEADER, '\0');
  each_frame(rest_, start, facts_, [&](const FlacFrame& frame) { take(frame); });
  rest_.erase(0, rest_.size() - std::min(rest_.size(), HEADER - 1));
}

// Bytes of a frame may look like a header. They have another number, and what lies before them is no frame.
void FlacWatch::take(const FlacFrame& frame) {
  if (frame.place < facts_.start || gap_ >= 0) return;
  const bool follows = last_ && frame.number == last_->next;
  if (last_ && !follows && !is_whole(last_->place, frame.place)) {
    if (confirmed_ && frame.place - last_->place <= facts_.largest_frame()) return;
    confirmed_ = false;
  } else if (last_) {
    if (frame.number > last_->next) gap_ = last_->first + last_->samples;
    confirmed_ = true;
  }
  last_ = frame;
}

// Whether these bytes are one frame by their checksum.
bool FlacWatch::is_whole(int64_t start, int64_t end) {
  const int64_t size = end - start;
  if (size > facts_.largest_frame() || size > spare_) return false;
  spare_ -= size;
  const std::string frame = content_->text(start, size);
  return checksum<16, 0x8005>((const uint8_t*)frame.data(), frame.size()) == 0;
}

}  // namespace sonogram
