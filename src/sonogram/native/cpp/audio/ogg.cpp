// Ogg: whole pages, and all streams of a file that chains them, as recordings of radio do.
#include <algorithm>
#include <vector>

#include "reader.h"

namespace {

constexpr int64_t LARGEST_PAGE = 27 + 255 + 255 * 255;

// The size of the page at `position`; 0 where there is none. A page states the sizes of its segments.
int64_t page_size(const Bytes& bytes, int64_t position) {
  const std::string head = bytes.text(position, 27 + 255);
  if (head.compare(0, 4, "OggS") != 0 || head.size() < 27) return 0;
  const int64_t segments = (uint8_t)head[26];
  int64_t size = 27 + segments;
  for (int64_t i = 0; i < segments && 27 + i < (int64_t)head.size(); ++i) size += (uint8_t)head[(size_t)(27 + i)];
  return size;
}

// The last page must be there in full.
void check_last_page(const Bytes& bytes) {
  const int64_t start = std::max<int64_t>(0, bytes.size() - 2 * LARGEST_PAGE);
  const size_t page = bytes.text(start, 2 * LARGEST_PAGE).rfind("OggS");
  if (page == std::string::npos) return;
  const int64_t size = page_size(bytes, start + (int64_t)page);
  if (size == 0 || start + (int64_t)page + size > bytes.size()) throw SoundError{TRUNCATED_PAGE, {}};
}

// Where each chained stream begins: with a first page after pages that are none.
std::vector<int64_t> stream_starts(const Bytes& bytes) {
  std::vector<int64_t> starts;
  bool inside = true;
  for (int64_t place = 0, size; (size = page_size(bytes, place)) > 0; place += size) {
    const bool first = bytes.number(place + 5, 1, true) & 2;
    if (first && inside) starts.push_back(place);
    inside = !first;
  }
  return starts;
}

class Chained : public SoundReader {
 public:
  explicit Chained(std::vector<Reader> streams) : streams_(std::move(streams)) {
    const SoundReader& first = *streams_[0];
    sample_rate = first.sample_rate;
    channels = first.channels;
    format = first.format;
    frames = 0;
    for (const Reader& stream : streams_) {
      if (stream->sample_rate != sample_rate || stream->channels != channels)
        throw SoundError{CORRUPT, {"its streams have different sample rates or channels"}};
      frames = frames < 0 || stream->frames < 0 ? -1 : frames + stream->frames;
    }
  }

  int64_t read(float* out, int64_t count) override {
    int64_t done = 0;
    while (done < count && current_ < streams_.size()) {
      const int64_t got = streams_[current_]->read(out + done * channels, count - done);
      if (got <= 0) ++current_;
      done += std::max<int64_t>(got, 0);
    }
    return done;
  }

 private:
  std::vector<Reader> streams_;
  size_t current_ = 0;
};

}  // namespace

Reader open_ogg(Content content) {
  check_last_page(*content);
  std::vector<int64_t> starts = stream_starts(*content);
  if (starts.size() < 2) return open_sndfile(content);
  starts.push_back(content->size());
  std::vector<Reader> streams;
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    auto stream = std::make_shared<Spliced>(content);
    stream->add(starts[i], starts[i + 1]);
    streams.push_back(open_sndfile(stream));
  }
  return std::make_unique<Chained>(std::move(streams));
}
