#include "packed.h"

#include <string.h>

#include <algorithm>

namespace sonogram {
namespace {

constexpr int64_t MAGIC = 0x6d6172676f6e6f73;  // "sonogram"
constexpr int64_t LIMIT = int64_t{1} << 28;    // of every number: sums and products of two fit int64

// Reads plain data from the front of the bytes.
class Reader {
 public:
  explicit Reader(const std::string& bytes) : next_(bytes.data()), rest_(bytes.size()) {}
  bool read(void* target, size_t size) {
    if (rest_ < size) return false;
    if (size) memcpy(target, next_, size);
    next_ += size;
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
  const char* next_;
  size_t rest_;
};

bool in_range(int64_t value, int64_t low, int64_t high) { return value >= low && value <= high; }

// Whether the numbers describe a program: the bytes may come from anywhere.
bool is_valid(const sonogram_definition& d, const Framing& f) {
  return in_range(d.fft_length, 1, LIMIT) && in_range(d.frame_length, 1, d.fft_length) &&
         in_range(d.frame_step, 1, LIMIT) && in_range(d.num_bands, 0, LIMIT / (d.fft_length / 2 + 1)) &&
         in_range(d.window_offset, 0, d.fft_length - d.frame_length) &&
         in_range(d.padding_mode, 0, SONOGRAM_SYMMETRIC) && in_range(d.output, 0, SONOGRAM_MAGNITUDE) &&
         in_range(d.remove_mean, 0, SONOGRAM_FRAME) && in_range(d.preemphasis, 0, SONOGRAM_FRAME) &&
         in_range(d.preemphasis_boundary, 0, SONOGRAM_WRAPPED) &&
         !(d.output == SONOGRAM_COMPLEX && (d.num_bands || d.energy)) && in_range(f.dropped, 0, 1) &&
         in_range(f.added, -LIMIT, LIMIT) && in_range(f.pad_left, -LIMIT, LIMIT) &&
         in_range(f.frame_span, 1, LIMIT) && in_range(f.window_offset, 0, LIMIT);
}

}  // namespace

int64_t PackedDefinition::num_conditioned(int64_t samples) const {
  return std::max<int64_t>(samples - framing.dropped, 0);
}

int64_t PackedDefinition::num_frames(int64_t conditioned) const {
  return conditioned > 0 ? std::max<int64_t>(conditioned + framing.added, 0) / definition.frame_step : 0;
}

int64_t PackedDefinition::num_valid(int64_t conditioned) const {
  return std::max<int64_t>(num_frames(conditioned) - framing.zero_last, 0);
}

int64_t PackedDefinition::pad_left(int64_t conditioned) const {
  if (!framing.splits) return framing.pad_left;
  const int64_t covered = (num_frames(conditioned) - 1) * definition.frame_step + framing.frame_span;
  return std::max<int64_t>(covered - conditioned, 0) / 2 - framing.window_offset;
}

int64_t PackedDefinition::num_columns() const {
  const int64_t bins = definition.fft_length / 2 + 1;
  const int64_t plain = definition.output == SONOGRAM_COMPLEX ? 2 * bins : bins;
  return (definition.num_bands ? definition.num_bands : plain) + (definition.energy ? 1 : 0);
}

bool unpack(const std::string& bytes, PackedDefinition& packed) {
  Reader reader(bytes);
  int64_t magic = 0, abi = 0, count = 0;
  sonogram_definition& d = packed.definition;
  if (!reader.read(magic) || magic != MAGIC || !reader.read(abi) || abi != SONOGRAM_ABI) return false;
  if (!reader.read(d) || !reader.read(packed.framing) || !is_valid(d, packed.framing)) return false;
  if (!reader.read(packed.window, d.frame_length) || !reader.read(count)) return false;
  std::vector<int64_t> indices;
  std::vector<double> weights;
  if (!reader.read(indices, count) || !reader.read(weights, count) || !reader.empty()) return false;
  const int64_t size = (d.fft_length / 2 + 1) * d.num_bands;
  packed.bands.assign((size_t)size, 0.0);
  for (size_t i = 0; i < indices.size(); ++i) {
    if (!in_range(indices[i], 0, size - 1)) return false;
    packed.bands[(size_t)indices[i]] = weights[i];
  }
  d.window = packed.window.data();
  d.bands = packed.bands.data();
  return true;
}

}  // namespace sonogram
