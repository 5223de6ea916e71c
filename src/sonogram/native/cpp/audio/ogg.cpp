// Ogg: checks that no page is missing and that the last one is complete, and opens all chained streams of a
// file. libsndfile alone reads only the first one; recordings of web radio begin a new stream with every title.
#include <algorithm>
#include <map>
#include <vector>

#include "reader.h"

namespace sonogram {
namespace {

constexpr int64_t LARGEST_PAGE = 27 + 255 + 255 * 255;
constexpr int64_t LARGEST_PACKET = 8192;  // samples that a packet can give

struct Page {
  int64_t size = 0;  // bytes; 0: no page
  bool first = false, last = false;  // of its track
  uint32_t track = 0, number = 0;
  int64_t granule = 0;  // the sample after the last one of its packets; -1: no packet ends here
  int64_t packets = 0;  // that end here
};

int64_t little(const std::string& bytes, size_t place, int count) {
  uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | (uint8_t)bytes[place + (size_t)i];
  return (int64_t)value;
}

// A page header lists the sizes of its segments; a packet ends with the first one below 255.
Page page_at(const Bytes& bytes, int64_t position) {
  const std::string head = bytes.text(position, 27 + 255);
  Page page;
  if (head.compare(0, 4, "OggS") != 0 || head.size() < 27) return page;
  page.first = head[5] & 2;
  page.last = head[5] & 4;
  page.granule = little(head, 6, 8);
  page.track = (uint32_t)little(head, 14, 4);
  page.number = (uint32_t)little(head, 18, 4);
  const size_t segments = (uint8_t)head[26];
  page.size = 27 + (int64_t)segments;
  for (size_t i = 27; i < 27 + segments && i < head.size(); ++i) {
    page.size += (uint8_t)head[i];
    page.packets += (uint8_t)head[i] < 255;
  }
  return page;
}

// Whether the last page is incomplete.
bool ends_inside_a_page(const Bytes& bytes) {
  const int64_t start = std::max<int64_t>(0, bytes.size() - 2 * LARGEST_PAGE);
  const size_t found = bytes.text(start, 2 * LARGEST_PAGE).rfind("OggS");
  if (found == std::string::npos) return false;
  const int64_t place = start + (int64_t)found, size = page_at(bytes, place).size;
  return size == 0 || place + size > bytes.size();
}

// The next page after damage; the end of the content if there is none.
int64_t next_page(const Bytes& bytes, int64_t start) {
  for (; start < bytes.size(); start += LARGEST_PAGE) {
    const size_t found = bytes.text(start, LARGEST_PAGE + 3).find("OggS");
    if (found != std::string::npos) return start + (int64_t)found;
  }
  return bytes.size();
}

bool is_audio(const Bytes& bytes, int64_t page) {
  for (const char* tag : {"\1vorbis", "OpusHead", "Speex   ", "\x7F" "FLAC"})
    if (bytes.has(page + 28, tag)) return true;
  return false;
}

// One chained stream. Those that play together (audio and video) have several first pages in a row.
struct Stream {
  int64_t start = 0, end = 0;  // before the first missing page
  bool damaged = false;        // a page is missing
  bool late = false;           // the recording begins within the stream, whose samples are counted from before
};

// The page numbers of the sound tracks of a stream.
class Numbers {
 public:
  void begin(const Page& page) { tracks_[page.track] = {page.number + 1, false}; }
  void clear() { tracks_.clear(); }

  // Takes the next page of the stream.
  void add(const Page& page, int64_t place, Stream* stream) {
    const auto found = tracks_.find(page.track);
    if (found == tracks_.end()) return;
    Track& track = found->second;
    const bool jump = (int32_t)(page.number - track.next) > 0;
    // Servers send the first pages to each listener, then the pages of that time.
    if (jump && !track.sounds) stream->late = true;
    if (jump && track.sounds && !stream->damaged) {
      stream->damaged = true;
      stream->end = place;
    }
    if (page.granule > 0 && !track.sounds) {
      track.sounds = true;
      stream->late |= page.granule > (page.packets + 1) * LARGEST_PACKET;
    }
    track.next = page.number + 1;
  }

 private:
  struct Track {
    uint32_t next;
    bool sounds;  // after its headers, whose granule is 0
  };
  std::map<uint32_t, Track> tracks_;
};

// The chained streams, up to the first damaged one. Each begins with a page that has the flag "first".
std::vector<Stream> streams_of(const Bytes& bytes) {
  std::vector<Stream> streams;
  Numbers numbers;
  bool inside = true;
  for (int64_t place = 0; place < bytes.size();) {
    const Page page = page_at(bytes, place);
    if (page.size == 0) {
      place = next_page(bytes, place + 1);
      continue;
    }
    if (page.first && inside) {
      if (!streams.empty() && streams.back().damaged) break;
      if (!streams.empty()) streams.back().end = place;
      streams.push_back({place, bytes.size()});
      numbers.clear();
    }
    inside = !page.first;
    if (page.first && is_audio(bytes, place)) numbers.begin(page);
    else if (!streams.empty()) numbers.add(page, place, &streams.back());
    place += page.size;
  }
  if (streams.empty()) streams.push_back({0, bytes.size()});
  return streams;
}

Reader open_stream(const Content& content, const Stream& stream) {
  auto part = std::make_shared<Spliced>(content);
  part->add(stream.start, stream.end);
  Reader reader = open_sndfile(part);
  if (stream.damaged) reader->ending.truncated = SoundError{GAP, {seconds_of(reader->frames, reader->sample_rate)}};
  if (stream.late) {
    reader->expected = reader->frames;
    reader->frames = -1;
  }
  return reader;
}

}  // namespace

Reader open_ogg(Content content) {
  std::vector<Reader> readers;
  for (const Stream& stream : streams_of(*content)) readers.push_back(open_stream(content, stream));
  Reader reader = chained(std::move(readers));
  if (ends_inside_a_page(*content) && !reader->ending.truncated) reader->ending.truncated = SoundError{TRUNCATED_PAGE, {}};
  return reader;
}

}  // namespace sonogram
