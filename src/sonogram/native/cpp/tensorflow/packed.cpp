#include "packed.h"

#include <string.h>

#include <algorithm>

namespace {

constexpr int64_t MAGIC = 0x6d6172676f6e6f73;  // "sonogram"
constexpr int64_t MOST = int64_t{1} << 28;     // of any number here: sums and products of two fit

// Takes plain data from the front of the bytes.
class Reader {
 public:
  explicit Reader(const std::string& bytes) : place_(bytes.data()), rest_(bytes.size()) {}
  bool read(void* target, size_t size) {
    if (rest_ < size) return false;
    if (size) memcpy(target, place_, size);
    place_ += size;
    rest_ -= size;
    return true;
  }
  template <typename T>
  bool read(T& value) {
    return read(&value, sizeof(T));
  }
  template <typename T>
  bool read(std::vector<T>& values, int64_t count) {
    if (count < 0 || (uint64_t)count > rest_ / sizeof(T)) return false;
    values.resize((size_t)count);
    return read(values.data(), values.size() * sizeof(T));
  }
  bool empty() const { return rest_ == 0; }

 private:
  const char* place_;
  size_t rest_;
};

bool within(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

bool is_sound(const sonogram_definition& d, const Framing& f) {
  return within(d.fft_length, 1, MOST) && within(d.frame_length, 1, d.fft_length) &&
         within(d.frame_step, 1, MOST) && within(d.num_bands, 0, MOST / (d.fft_length / 2 + 1)) &&
         within(d.place, 0, d.fft_length - d.frame_length) && within(d.edges, 0, SONOGRAM_SYMMETRIC) &&
         within(d.output, SONOGRAM_COMPLEX, SONOGRAM_MAGNITUDE) && within(d.remove_mean, 0, SONOGRAM_FRAME) &&
         within(d.preemphasis, 0, SONOGRAM_FRAME) && within(d.preemphasis_first, 0, SONOGRAM_DROP) &&
         !(d.output == SONOGRAM_COMPLEX && (d.num_bands || d.energy)) && within(f.dropped, 0, 1) &&
         within(f.add, -MOST, MOST) && within(f.left, -MOST, MOST) && within(f.span, 1, MOST) &&
         within(f.within, 0, MOST);
}

}  // namespace

int64_t Packed::kept(int64_t samples) const { return std::max<int64_t>(samples - framing.dropped, 0); }

int64_t Packed::num_frames(int64_t kept) const {
  return kept > 0 ? std::max<int64_t>(kept + framing.add, 0) / definition.frame_step : 0;
}

int64_t Packed::num_valid(int64_t kept) const {
  return std::max<int64_t>(num_frames(kept) - framing.blank, 0);
}

int64_t Packed::left(int64_t kept) const {
  if (!framing.same) return framing.left;
  const int64_t lacking = (num_frames(kept) - 1) * definition.frame_step + framing.span - kept;
  return std::max<int64_t>(lacking, 0) / 2 - framing.within;
}

int64_t Packed::channels() const {
  const int64_t bins = definition.fft_length / 2 + 1;
  const int64_t plain = definition.output == SONOGRAM_COMPLEX ? 2 * bins : bins;
  return (definition.num_bands ? definition.num_bands : plain) + (definition.energy ? 1 : 0);
}

bool unpack(const std::string& bytes, Packed& packed) {
  Reader reader(bytes);
  int64_t magic = 0, abi = 0, count = 0;
  sonogram_definition& d = packed.definition;
  if (!reader.read(magic) || magic != MAGIC || !reader.read(abi) || abi != SONOGRAM_ABI) return false;
  if (!reader.read(d) || !reader.read(packed.framing) || !is_sound(d, packed.framing)) return false;
  if (!reader.read(packed.window, d.frame_length) || !reader.read(count)) return false;
  std::vector<int64_t> places;
  std::vector<double> weights;
  if (!reader.read(places, count) || !reader.read(weights, count) || !reader.empty()) return false;
  const int64_t size = (d.fft_length / 2 + 1) * d.num_bands;
  packed.bands.assign((size_t)size, 0.0);
  for (size_t i = 0; i < places.size(); ++i) {
    if (!within(places[i], 0, size - 1)) return false;
    packed.bands[(size_t)places[i]] = weights[i];
  }
  d.window = packed.window.data();
  d.bands = packed.bands.data();
  return true;
}
