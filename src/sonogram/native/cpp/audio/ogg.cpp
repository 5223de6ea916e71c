// Ogg: checks that the last page is complete, and opens all chained streams of a file. libsndfile alone
// reads only the first one; recordings of web radio begin a new stream with every title.
#include <algorithm>
#include <vector>

#include "reader.h"

namespace sonogram {
namespace {

constexpr int64_t LARGEST_PAGE = 27 + 255 + 255 * 255;

// Size of the page at `position`; 0 if there is no page. A page header lists the sizes of its segments.
int64_t page_size(const Bytes& bytes, int64_t position) {
  const std::string head = bytes.text(position, 27 + 255);
  if (head.compare(0, 4, "OggS") != 0 || head.size() < 27) return 0;
  const int64_t segments = (uint8_t)head[26];
  int64_t size = 27 + segments;
  for (int64_t i = 0; i < segments && 27 + i < (int64_t)head.size(); ++i) size += (uint8_t)head[(size_t)(27 + i)];
  return size;
}

// Whether the last page is incomplete.
bool ends_inside_a_page(const Bytes& bytes) {
  const int64_t start = std::max<int64_t>(0, bytes.size() - 2 * LARGEST_PAGE);
  const size_t page = bytes.text(start, 2 * LARGEST_PAGE).rfind("OggS");
  if (page == std::string::npos) return false;
  const int64_t size = page_size(bytes, start + (int64_t)page);
  return size == 0 || start + (int64_t)page + size > bytes.size();
}

// Positions of the chained streams. Each begins with a page that has the flag "first page" (bit 1 of
// byte 5). Streams that play together (audio and video) have several such pages in a row, which count once.
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

}  // namespace

Reader open_ogg(Content content) {
  const bool cut = ends_inside_a_page(*content);
  std::vector<int64_t> starts = stream_starts(*content);
  if (starts.empty()) starts.push_back(0);
  starts.push_back(content->size());
  std::vector<Reader> streams;
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    auto stream = std::make_shared<Spliced>(content);
    stream->add(starts[i], starts[i + 1]);
    streams.push_back(open_sndfile(stream));
  }
  Reader reader = chained(std::move(streams));
  if (cut) reader->ending.truncated = SoundError{TRUNCATED_PAGE, {}};
  return reader;
}

}  // namespace sonogram
