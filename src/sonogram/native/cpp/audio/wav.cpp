// WAV, RF64 and BW64. Integers and floats are read here, at the speed of memory; libsndfile reads other codings.
#include <string.h>

#include <algorithm>

#include "declared_size.h"
#include "reader.h"

namespace sonogram {
namespace {

enum Tag : uint64_t { TAG_PCM = 1, TAG_FLOAT = 3, TAG_MPEG = 0x50, TAG_MP3 = 0x55, TAG_EXTENSIBLE = 0xFFFE };
constexpr int64_t PIECE = 1 << 16;  // bytes that are read at a time

struct Layout {
  Chunk format;
  int64_t start = -1, size = 0;  // of the samples
  bool big_endian = false;
  uint64_t tag = 0;      // the coding
  bool unusual = false;  // libsndfile needs another header
  Ending ending;
};

// Whether libsndfile decodes a coding: PCM, MS ADPCM, floats, A-law, mu-law, IMA ADPCM, GSM, VBX ADPCM, G.721, MP3.
bool is_known(uint64_t coding) {
  const uint64_t known[] = {1, 2, 3, 6, 7, 0x11, 0x31, 0x38, 0x40, 0x55};
  return std::find(std::begin(known), std::end(known), coding) != std::end(known);
}

Layout find_samples(const Bytes& bytes) {
  Layout layout;
  layout.big_endian = bytes.has(0, "RIFX");
  layout.unusual = bytes.has(0, "BW64");
  uint64_t wide = 0;
  Chunks chunks(bytes, 12, layout.big_endian);
  for (Chunk chunk; chunks.next(&chunk);) {
    if (chunk.tag == "fmt " && layout.format.start == 0) layout.format = chunk;
    if (chunk.tag == "ds64") wide = bytes.number(chunk.start + 8, 8, false);
    if (chunk.tag != "data" || layout.start >= 0) continue;
    DeclaredSize size = {chunk.size, chunk.start, 4, layout.big_endian, bytes.number(4, 4, layout.big_endian)};
    if (wide > 0 && chunk.size == 0xFFFFFFFF) size = {wide, chunk.start, 8, false};
    layout.start = chunk.start;
    layout.size = sample_bytes(bytes, size, &layout.ending);
    if (layout.format.start > 0) break;
    layout.unusual = true;  // the format may follow the samples
  }
  const int64_t block = (int64_t)bytes.number(layout.format.start + 12, 2, layout.big_endian);
  // A decoder of blocks (ADPCM) would fill an incomplete last one with samples that no recorder wrote.
  if (layout.ending.to_the_end() && layout.format.start > 0 && block > 1) layout.size -= layout.size % block;
  layout.unusual |= chunks.irregular() || layout.ending.to_the_end() || layout.ending.next;
  return layout;
}

// Little-endian samples of `WIDTH` bytes.
class Pcm : public SoundReader {
 public:
  Pcm(Content content, const Layout& layout, int width) : content_(content), start_(layout.start), width_(width) {}

  int64_t read(float* out, int64_t count) override {
    count = std::min(count, frames - position_);
    const int64_t step = (int64_t)width_ * channels;
    int64_t done = 0;
    while (done < count) {
      const int64_t most = std::min(count - done, std::max<int64_t>(1, PIECE / step));
      if (format_is_float()) {  // as they are
        const int64_t got = content_->read(start_ + position_ * step, out + done * channels, (count - done) * step) / step;
        position_ += got;
        return done + got;
      }
      bytes_.resize((size_t)(most * step));
      const int64_t got = content_->read(start_ + position_ * step, bytes_.data(), most * step) / step;
      if (got == 0) break;
      convert((const uint8_t*)bytes_.data(), got * channels, out + done * channels);
      position_ += got;
      done += got;
    }
    return done;
  }

  void seek(int64_t frame) override { position_ = frame; }

 private:
  bool format_is_float() const { return (format & CODING) == FLOAT; }

  void convert(const uint8_t* from, int64_t count, float* out) const {
    if (width_ == 2)
      for (int64_t i = 0; i < count; ++i) {
        int16_t value;
        memcpy(&value, from + 2 * i, 2);
        out[i] = (float)value * (1.0f / 32768);
      }
    else if (width_ == 3)
      for (int64_t i = 0; i < count; ++i) {
        const uint32_t value = (uint32_t)from[3 * i] << 8 | (uint32_t)from[3 * i + 1] << 16 | (uint32_t)from[3 * i + 2] << 24;
        out[i] = (float)(int32_t)value * (1.0f / 2147483648);
      }
    else
      for (int64_t i = 0; i < count; ++i) {
        int32_t value;
        memcpy(&value, from + 4 * i, 4);
        out[i] = (float)value * (1.0f / 2147483648);
      }
  }

  Content content_;
  int64_t start_;
  int width_;
  int64_t position_ = 0;
  std::string bytes_;
};

Reader open_pcm(Content content, const Layout& layout, uint64_t tag) {
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
  return nullptr;
#endif
  const int64_t at = layout.format.start;
  const uint64_t size = layout.format.size, channels = content->number(at + 2, 2, false);
  const uint64_t rate = content->number(at + 4, 4, false), bits = content->number(at + 14, 2, false);
  const bool integers = tag == TAG_PCM && (bits == 16 || bits == 24 || bits == 32);
  if (layout.big_endian || !(integers || (tag == TAG_FLOAT && bits == 32))) return nullptr;
  if (size != 16 && size != 18 && size != 40) return nullptr;
  if (channels < 1 || channels > 1024 || rate < 1 || rate > INT32_MAX) return nullptr;
  if (content->number(at + 12, 2, false) != channels * bits / 8) return nullptr;
  auto reader = std::make_unique<Pcm>(content, layout, (int)bits / 8);
  reader->sample_rate = (int32_t)rate;
  reader->channels = (int32_t)channels;
  reader->frames = layout.size / (int64_t)(channels * bits / 8);
  const int container = !content->has(0, "RIFF") ? RF64 : size == 40 ? WAVEX : WAV;
  reader->format = container | (tag == TAG_FLOAT ? FLOAT : bits == 16 ? PCM_16 : bits == 24 ? PCM_24 : PCM_32);
  reader->seeks = true;
  reader->finite = integers;
  return reader;
}

// The same samples with a plain header, RF64 if a size needs more than 32 bits.
Content with_plain_header(Content content, const Layout& layout) {
  const bool big = layout.big_endian, wide = layout.size > (int64_t)UINT32_MAX - 256;
  const uint64_t size = (uint64_t)layout.size;
  std::string format = content->text(layout.format.start, (int64_t)std::min<uint64_t>(layout.format.size, 1 << 16));
  if (layout.tag != content->number(layout.format.start, 2, big)) format = encoded(layout.tag, 2, big) + format.substr(2, 14);
  const std::string rest = "fmt " + encoded(format.size(), 4, big) + format + (format.size() % 2 ? "\0" : "") + "data" +
                           encoded(wide ? UINT32_MAX : size, 4, big);
  const uint64_t whole = 4 + (wide ? 36 : 0) + rest.size() + size;
  std::string head = wide ? "RF64" : big ? "RIFX" : "RIFF";
  head += encoded(wide ? UINT32_MAX : whole, 4, big) + "WAVE";
  if (wide)
    head += "ds64" + encoded(28, 4, false) + encoded(whole, 8, false) + encoded(size, 8, false) + std::string(12, '\0');
  auto made = std::make_shared<Spliced>(content);
  made->add(head + rest);
  made->add(layout.start, layout.start + layout.size);
  return made;
}

}  // namespace

Reader open_wav(Content content) {
  Layout layout = find_samples(*content);
  const int64_t at = layout.format.start;
  if (layout.start < 0 || at == 0) return open_sndfile(content);
  layout.tag = content->number(at, 2, layout.big_endian);
  uint64_t coding = layout.tag;
  if (coding == TAG_EXTENSIBLE) {  // the coding stands in a GUID; some programs leave that out or at 0
    const bool has_guid = layout.format.size >= 40 && content->text(at + 24, 16) != std::string(16, '\0');
    coding = has_guid ? content->number(at + 24, 2, layout.big_endian) : TAG_PCM;
    if (!has_guid) layout.tag = coding;
    layout.unusual |= !has_guid;
  }
  Reader reader;
  if (coding == TAG_MP3 || coding == TAG_MPEG) {
    auto samples = std::make_shared<Spliced>(content);
    samples->add(layout.start, layout.start + layout.size);
    if ((reader = open_mp3(samples, false))) reader->format = WAV | (reader->format & CODING);
  }
  if (!reader) reader = open_pcm(content, layout, coding);
  if (!reader && !is_known(coding)) {  // another decoder may know it
    if (layout.ending.truncated) throw *layout.ending.truncated;
    throw SoundError{UNKNOWN, {"WAV with the coding " + std::to_string(coding)}};
  }
  if (!reader) reader = open_sndfile(layout.unusual ? with_plain_header(content, layout) : content);
  reader->ending = layout.ending;
  return reader;
}

}  // namespace sonogram
