// Concatenates the streams of one file, as in recordings of web radio and in joined files.
#include <algorithm>

#include "reader.h"

namespace sonogram {
namespace {

class Chained : public SoundReader {
 public:
  explicit Chained(std::vector<Reader> streams) : streams_(std::move(streams)) {
    const SoundReader& first = *streams_[0];
    sample_rate = first.sample_rate;
    channels = first.channels;
    format = first.format;
    frames = expected = 0;
    for (const Reader& stream : streams_) {
      slack += stream->slack;
      if (!ending.truncated) ending.truncated = stream->ending.truncated;
      expected += std::max(stream->frames, stream->expected);
      if (stream->sample_rate != sample_rate || stream->channels != channels)
        throw SoundError{CORRUPT, {"its streams have different sample rates or channels"}};
      frames = frames < 0 || stream->frames < 0 ? -1 : frames + stream->frames;
    }
  }

  int64_t read(float* out, int64_t count) override {
    for (; current_ < streams_.size(); ++current_)
      if (const int64_t got = streams_[current_]->read(out, count); got > 0) return got;
    return 0;
  }

 private:
  std::vector<Reader> streams_;
  size_t current_ = 0;
};

}  // namespace

Reader chained(std::vector<Reader> streams) {
  if (streams.size() == 1) return std::move(streams[0]);
  return std::make_unique<Chained>(std::move(streams));
}

}  // namespace sonogram
