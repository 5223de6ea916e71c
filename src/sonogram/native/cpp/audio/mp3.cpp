// The same rules as in sonogram/audio/mp3.py, which says why.
#include "mp3.h"

#include <string.h>

#include <algorithm>
#include <vector>

namespace {

constexpr int64_t SEARCH = 1 << 16;

// Kilobits a second by (MPEG 1?, layer), for a header's index 1 to 14.
const int KILOBITS[2][3][14] = {
    {{32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
     {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
     {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}},
    {{32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
     {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
     {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}},
};

// Bytes of the frame that begins there, or 0 where none does.
int64_t frame_length(const Bytes& bytes, int64_t position) {
  uint8_t head[4];
  if (bytes.read(position, head, 4) < 4 || head[0] != 0xFF || head[1] < 0xE0) return 0;
  const int version = head[1] >> 3 & 3, layer = 4 - (head[1] >> 1 & 3);
  const int rate_index = head[2] >> 2 & 3, kilobits_index = head[2] >> 4, padding = head[2] >> 1 & 1;
  if (version == 1 || layer == 4 || rate_index == 3 || kilobits_index == 0 || kilobits_index == 15) return 0;
  static const int rates[] = {44100, 48000, 32000};
  const int rate = rates[rate_index] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  const int64_t bits = 1000 * KILOBITS[version == 3][layer - 1][kilobits_index - 1];
  if (layer == 1) return (12 * bits / rate + padding) * 4;
  return (layer == 3 && version != 3 ? 72 : 144) * bits / rate + padding;
}

// Where the next frame begins that another one or the end of the file follows; else its size.
int64_t next_frame(const Bytes& bytes, int64_t start) {
  std::vector<uint8_t> piece((size_t)std::min(SEARCH, std::max<int64_t>(bytes.size() - start, 0)));
  for (; start < bytes.size(); start += SEARCH) {
    const int64_t count = bytes.read(start, piece.data(), (int64_t)piece.size());
    for (int64_t i = 0; i < count; ++i) {
      if (piece[(size_t)i] != 0xFF) continue;
      const int64_t length = frame_length(bytes, start + i);
      if (length == 0) continue;
      const int64_t behind = start + i + length;
      if (behind == bytes.size() || frame_length(bytes, behind)) return start + i;
    }
  }
  return bytes.size();
}

int64_t after_id3v2(const Bytes& bytes) {
  uint8_t head[10];
  if (bytes.read(0, head, 10) < 10 || memcmp(head, "ID3", 3) != 0) return 0;
  return 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]);  // seven bits in each
}

}  // namespace

bool mp3_states_length(const Bytes& bytes) {
  uint8_t frame[4096];
  const int64_t count = bytes.read(after_id3v2(bytes), frame, sizeof frame);
  const uint8_t* end = frame + std::max<int64_t>(count, 0);
  for (const char* tag : {"Xing", "Info"}) {
    const uint8_t* found = std::search(frame, (uint8_t*)end, tag, tag + 4);
    if (found != end) return end - found > 4 && (big(found + 4, (int)std::min<int64_t>(end - found - 4, 4)) & 1);
  }
  const char* tag = "VBRI";
  return std::search(frame, (uint8_t*)end, tag, tag + 4) != end;
}

int64_t mp3_end_of_frames(const Bytes& bytes) {
  const int64_t start = after_id3v2(bytes), size = bytes.size();
  int64_t position = start, end = start;
  while (position < size) {
    const int64_t length = frame_length(bytes, position);
    if (length == 0) position = next_frame(bytes, position + 1);
    else if (position + length <= size) position = end = position + length;
    else break;
  }
  // Frames of free format do not state their length: leave all to the decoder.
  return end > start ? end : size;
}
