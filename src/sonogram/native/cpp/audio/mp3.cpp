// MPEG audio: finds and counts the frames by following their headers.
//
// Without a length tag libsndfile estimates the length from the bit rate of the first frame and stops
// there: of 25 seconds at a variable rate it gave 10.7. If the file claims to be far longer, it decodes until
// the frames end. So it gets the frames alone, without the tags before, between and after them.
#include <string.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "reader.h"

namespace sonogram {
namespace {

constexpr int64_t CLAIM = 64;  // how much longer the file claims to be: bit rates differ by 40 times at most
constexpr int64_t SEARCH = 1 << 16;
constexpr int64_t CHAIN = 4;      // frames in a row that are no accident
constexpr int64_t MOST_LOST = 4;  // frames that an edited file may lack of the length that it states

// Kilobits per second by (MPEG 1 or 2, layer), for index 1 to 14 in the header.
const int KILOBITS[2][3][14] = {
    {{32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
     {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
     {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
    {{32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
     {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
     {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}},
};

struct Frame {
  int64_t size = 0;  // bytes; 0: no frame
  int samples = 0;   // of each channel
  int kind = 0;      // version, layer and sample rate: the same in all frames of a stream
  int side_info = 0; // bytes after the header, before a length tag
};

Frame parse(const uint8_t* head) {
  if (head[0] != 0xFF || head[1] < 0xE0) return {};
  const int version = head[1] >> 3 & 3, layer = 4 - (head[1] >> 1 & 3);
  const int rate_index = head[2] >> 2 & 3, kilobits_index = head[2] >> 4, padding = head[2] >> 1 & 1;
  if (version == 1 || layer == 4 || rate_index == 3 || kilobits_index == 0 || kilobits_index == 15) return {};
  static const int rates[] = {44100, 48000, 32000};
  const bool first = version == 3, mono = head[3] >> 6 == 3;
  const int rate = rates[rate_index] >> (first ? 0 : version == 2 ? 1 : 2);  // MPEG 2 halves it, 2.5 again
  const int64_t bits = 1000 * KILOBITS[first][layer - 1][kilobits_index - 1];
  Frame frame;
  frame.samples = layer == 1 ? 384 : layer == 3 && !first ? 576 : 1152;
  frame.size = layer == 1 ? (12 * bits / rate + padding) * 4 : frame.samples / 8 * bits / rate + padding;
  frame.kind = version << 8 | layer << 4 | rate_index;
  frame.side_info = first ? (mono ? 17 : 32) : (mono ? 9 : 17);
  return frame;
}

Frame frame_at(const Bytes& bytes, int64_t position) {
  uint8_t head[4];
  return bytes.read(position, head, 4) == 4 ? parse(head) : Frame{};
}

// Number of consecutive frames of one stream from `position` on, at most CHAIN; the end counts as a frame.
int64_t chain(const Bytes& bytes, int64_t position, int kind) {
  int64_t count = 0;
  while (count < CHAIN) {
    if (position == bytes.size()) return CHAIN;
    const Frame frame = frame_at(bytes, position);
    if (frame.size == 0 || (kind && frame.kind != kind)) break;
    kind = frame.kind;
    position += frame.size;
    ++count;
  }
  return count;
}

// Position of the next frame, at most `limit`; the end of the content if there is none.
int64_t next_frame(const Bytes& bytes, int64_t start, int64_t limit, int kind) {
  for (; start < limit; start += SEARCH) {
    const std::string piece = bytes.text(start, std::min(SEARCH, limit - start));
    for (size_t i = piece.find('\xFF'); i != std::string::npos; i = piece.find('\xFF', i + 1))
      if (chain(bytes, start + (int64_t)i, kind) >= (kind ? 2 : CHAIN)) return start + (int64_t)i;
  }
  return bytes.size();
}

// The length tag (Xing, Info) of a first frame; its fixed position is after the side information.
struct LengthTag {
  bool there = false, counts = false;
  int64_t frames = 0, size = 0;  // as stated; size 0: not stated
};

LengthTag length_tag(const Bytes& bytes, int64_t position, const Frame& frame) {
  const int64_t place = position + 4 + frame.side_info;
  LengthTag tag;
  if (bytes.has(place, "Xing") || bytes.has(place, "Info")) {
    const uint64_t flags = bytes.number(place + 4, 4, true);
    tag.there = true;
    tag.counts = flags & 1;
    tag.frames = tag.counts ? (int64_t)bytes.number(place + 8, 4, true) : 0;
    tag.size = flags & 2 ? (int64_t)bytes.number(place + (tag.counts ? 12 : 8), 4, true) : 0;
  }
  // The decoder ignores a VBRI tag, so the frames are counted as without a tag.
  tag.there |= bytes.has(position + 36, "VBRI");
  return tag;
}

// The output of one encoder; joined files have several.
struct Stream {
  int64_t start = 0, end = 0;  // of the first frame and of the last whole one
  int64_t first = 0;           // where the frames begin, after that of the length tag
  int64_t count = 0;           // frames, without that of the length tag
  LengthTag tag;
  std::vector<std::pair<int64_t, int64_t>> ranges;  // of those frames
};

// Streams from the frame at `start` on: each length tag begins a new one.
std::vector<Stream> walk(const Bytes& bytes, int64_t start) {
  std::vector<Stream> streams;
  const int kind = frame_at(bytes, start).kind;
  for (int64_t position = start; position < bytes.size();) {
    const Frame frame = frame_at(bytes, position);
    if (frame.size == 0 || frame.kind != kind) {
      const int64_t after = after_id3v2(bytes, position);
      position = after > position ? after : next_frame(bytes, position + 1, bytes.size(), kind);
      continue;
    }
    const int64_t end = position + frame.size;
    if (end > bytes.size()) break;
    const LengthTag tag = length_tag(bytes, position, frame);
    if (streams.empty() || tag.there) streams.push_back({position, end, tag.there ? end : position, 0, tag, {}});
    Stream& stream = streams.back();
    stream.end = end;
    if (!tag.there) {
      ++stream.count;
      if (!stream.ranges.empty() && stream.ranges.back().second == position) stream.ranges.back().second = end;
      else stream.ranges.push_back({position, end});
    }
    position = end;
  }
  return streams;
}

// Whether the tag states more bytes than there are.
bool is_cut(const Stream& stream) {
  const int64_t held = stream.end - stream.start;
  return stream.tag.size > held + held / 100;
}

// Whether the tag is plausible: it states the number of frames, or more if the file is truncated. A tag
// that states fewer is wrong, or another file was appended.
bool is_plausible(const Stream& stream) {
  const LengthTag& tag = stream.tag;
  if (!tag.counts || tag.frames == 0 || tag.frames < stream.count - MOST_LOST) return false;
  return tag.frames <= stream.count + MOST_LOST || tag.size == 0 || is_cut(stream);  // else the count is wrong
}

std::optional<SoundError> truncation(const Stream& stream, int samples_per_frame) {
  const LengthTag& tag = stream.tag;
  if (tag.counts && tag.frames == 0 && is_cut(stream))
    return SoundError{TRUNCATED_BYTES, {std::to_string(tag.size), std::to_string(stream.end - stream.start)}};
  const int64_t lost = std::clamp<int64_t>(tag.frames / 10, 1, MOST_LOST);  // 4 frames are half of a short sound
  if (is_plausible(stream) && tag.frames > stream.count + lost)
    return SoundError{TRUNCATED_SAMPLES, {std::to_string(tag.frames * samples_per_frame),
                                          std::to_string(stream.count * samples_per_frame)}};
  return std::nullopt;
}

Reader open_frames(const Content& content, const Stream& stream, int64_t end, int samples_per_frame) {
  auto view = std::make_shared<Spliced>(content);
  const bool plausible = is_plausible(stream), whole = stream.ranges.size() == 1;
  if (plausible && whole) {
    view->add(stream.start, end);
  } else {  // after other bytes the decoder would lose some frames
    if (plausible) view->add(stream.start, stream.first);
    for (const auto& [from, to] : stream.ranges) view->add(from, to);
  }
  Reader reader = open_sndfile(view, plausible ? 0 : CLAIM * view->size());
  if (!plausible) reader->frames = stream.count * samples_per_frame;
  if (!plausible || !whole || stream.tag.frames != stream.count) {  // what is there is counted by decoding
    reader->expected = reader->frames;
    reader->frames = -1;
  }
  reader->slack = MOST_LOST * samples_per_frame;
  return reader;
}

Reader open_stream(const Content& content, const Stream& stream, int64_t end, int samples_per_frame) {
  const std::optional<SoundError> missing = truncation(stream, samples_per_frame);
  try {
    Reader reader = open_frames(content, stream, end, samples_per_frame);
    reader->ending.truncated = missing;
    return reader;
  } catch (const SoundError& error) {
    if (missing && error.problem == UNKNOWN) throw *missing;  // too few frames for the decoder
    throw;
  }
}

}  // namespace

int64_t after_id3v2(const Bytes& bytes, int64_t start) {
  for (uint8_t head[10]; bytes.read(start, head, 10) == 10 && memcmp(head, "ID3", 3) == 0;) {
    if ((head[6] | head[7] | head[8] | head[9]) & 0x80) break;  // seven bits in each
    const int64_t size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9];
    start += 10 + size + (head[5] & 0x10 ? 10 : 0);  // and a footer
  }
  return start;
}

Reader open_mp3(Content content, bool anywhere) {
  const int64_t tagged = after_id3v2(*content, 0);
  int64_t start = tagged;
  if (frame_at(*content, start).size == 0 || chain(*content, start, 0) < 2) {
    const std::string zeros = content->text(start, SEARCH);
    const bool padded = zeros.empty() || zeros.find_first_not_of('\0') != 0;
    const int64_t limit = tagged > 0 || padded ? content->size() : std::min(content->size(), start + SEARCH);
    start = next_frame(*content, start, limit, 0);
  }
  if (start >= content->size()) return nullptr;
  std::vector<Stream> streams = walk(*content, start);
  streams.erase(std::remove_if(streams.begin(), streams.end(), [](const Stream& each) { return each.count == 0; }),
                streams.end());
  // Bytes in the middle of another kind of file that look like frames are not sound.
  if (streams.empty() || (anywhere && 10 * (streams.back().end - start) < 9 * (content->size() - tagged))) return nullptr;
  std::vector<Reader> readers;
  for (size_t i = 0; i < streams.size(); ++i) {
    const int64_t end = i + 1 < streams.size() ? streams[i + 1].start : content->size();
    readers.push_back(open_stream(content, streams[i], end, frame_at(*content, start).samples));
  }
  return chained(std::move(readers));
}

}  // namespace sonogram
