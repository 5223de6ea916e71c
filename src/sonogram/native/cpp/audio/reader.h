// An open sound, and the functions that open each kind of content.
#pragma once

#include <stdint.h>

#include <memory>
#include <optional>
#include <vector>

#include "bytes.h"
#include "problems.h"

namespace sonogram {

// Format numbers of libsndfile.
enum Format : int32_t {
  WAV = 0x010000,
  FLAC = 0x170000,
  OGG = 0x200000,
  MPEG = 0x230000,
  WAVEX = 0x130000,
  RF64 = 0x220000,
  CONTAINER = 0x0FFF0000,
  CODING = 0xFFFF,
  PCM_16 = 2,
  PCM_24 = 3,
  PCM_32 = 4,
  FLOAT = 6,
  A_LAW = 0x11,  // up to it each sample is stored by itself
  VORBIS = 0x60,
};

// How the samples of a file end.
struct Ending {
  bool not_closed = false;  // the size in the header was never written: they end with the file
  std::optional<SoundError> truncated;  // the header states more than the file holds

  int64_t next = 0;  // where another file of the same kind follows; 0: there is none

  bool to_the_end() const { return not_closed || truncated; }

  // Records that samples are missing if `stated` bytes from `start` on are clearly more than there are.
  void require(const Bytes& bytes, uint64_t stated, int64_t start);
};

class SoundReader {
 public:
  virtual ~SoundReader() = default;
  // At most `count` frames of all channels; fewer at the end, 0 after it. Throws SoundError.
  virtual int64_t read(float* out, int64_t count) = 0;
  // Moves to a frame. Only for codecs without state between frames.
  virtual void seek(int64_t) {}

  int32_t sample_rate = 0, channels = 0, format = 0;
  int64_t frames = -1;    // as the file states exactly; -1 where it does not
  int64_t expected = -1;  // an estimate where it does not
  int64_t slack = 0;      // frames that may be missing at the end
  bool seeks = false;
  bool finite = false;    // its numbers cannot be anything else
  Ending ending;
};

using Reader = std::unique_ptr<SoundReader>;

// Opens any sound. Throws SoundError.
Reader open_sound(Content content);

// Opens with libsndfile. `claimed` is the length that libsndfile sees: longer than the content for MP3
// without a length tag. Throws SoundError.
Reader open_sndfile(Content content, int64_t claimed = 0);

// WAV, RF64 and BW64. Throws SoundError.
Reader open_wav(Content content);

// Concatenates streams of one sample rate and number of channels. Throws SoundError.
Reader chained(std::vector<Reader> streams);

// Opens all streams of an Ogg file, concatenated. Throws SoundError.
Reader open_ogg(Content content);

// Opens MPEG audio wherever its frames begin; null if there are none. Throws SoundError.
Reader open_mp3(Content content, bool anywhere);
// End of the ID3v2 tags at `start`.
int64_t after_id3v2(const Bytes& bytes, int64_t start);

}  // namespace sonogram
