#include "wav.h"

#include <string.h>

#include <algorithm>

namespace {

class Wav : public SoundReader {
 public:
  Wav(const uint8_t* samples, int32_t rate, int32_t num_channels, int64_t num_frames) : samples_(samples) {
    sample_rate = rate;
    channels = num_channels;
    frames = num_frames;
    seeks = finite = true;
  }

  int64_t read(float* out, int64_t count) override {
    count = std::min(count, frames - position_);
    const uint8_t* from = samples_ + position_ * channels * 2;
    for (int64_t i = 0; i < count * channels; ++i) {
      int16_t value;
      memcpy(&value, from + 2 * i, 2);
      out[i] = (float)value * (1.0f / 32768);
    }
    position_ += count;
    return count;
  }

  void seek(int64_t frame) override { position_ = frame; }

 private:
  const uint8_t* samples_;
  int64_t position_ = 0;
};

}  // namespace

SoundReader* open_plain_wav(const Bytes& bytes) {
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
  return nullptr;
#endif
  const uint8_t* at = bytes.memory();
  const int64_t size = bytes.size();
  if (at == nullptr || size < 46 || memcmp(at, "RIFF", 4) != 0 || memcmp(at + 8, "WAVEfmt ", 8) != 0)
    return nullptr;
  const uint64_t length = little(at + 16, 4);
  const uint64_t channels = little(at + 22, 2), rate = little(at + 24, 4);
  if (little(at + 4, 4) + 8 != (uint64_t)size || length != 16 || little(at + 20, 2) != 1) return nullptr;
  if (channels < 1 || channels > 8 || rate < 1 || rate > INT32_MAX) return nullptr;
  if (little(at + 28, 4) != rate * channels * 2 || little(at + 32, 2) != channels * 2) return nullptr;
  if (little(at + 34, 2) != 16 || memcmp(at + 36, "data", 4) != 0) return nullptr;
  const uint64_t held = little(at + 40, 4);
  if (held != (uint64_t)size - 44 || held % (channels * 2) != 0) return nullptr;
  return new Wav(at + 44, (int32_t)rate, (int32_t)channels, (int64_t)(held / (channels * 2)));
}
