#include "packed.h"

#include <string.h>

#include <algorithm>

#include "lower.h"

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

// The values of one frame before the tail.
int64_t num_stride(const sonogram_definition& d) {
  const int64_t bins = d.fft_length / 2 + 1;
  return (d.num_bands ? d.num_bands : d.output == SONOGRAM_COMPLEX ? 2 * bins : bins) + (d.energy ? 1 : 0);
}

bool is_valid(const sonogram_tail& t, const sonogram_definition& d) {
  const bool filters = t.deltas == SONOGRAM_REGRESSION || t.deltas == SONOGRAM_SAVITZKY_GOLAY;
  const int64_t features = in_range(t.order, 0, 64) && in_range(t.num_coefficients, 0, LIMIT)
                               ? num_features(t, num_stride(d)) : LIMIT + 1;
  return d.output != SONOGRAM_COMPLEX && in_range(t.deltas, 0, SONOGRAM_POSITIVE_DIFFERENCE) &&
         (t.order == 0) == (t.deltas == SONOGRAM_NO_DELTAS) && in_range(t.delta_size, 0, LIMIT) &&
         (!filters || t.delta_size % 2 == 1) && (t.deltas != SONOGRAM_POSITIVE_DIFFERENCE || t.delta_size > 0) &&
         in_range(t.normalization, 0, SONOGRAM_SLIDING_MEAN) && in_range(t.before, 0, LIMIT) &&
         in_range(t.minimum_frames, 0, LIMIT) && in_range(t.stack_size, 0, LIMIT) && in_range(features, 1, LIMIT) &&
         (t.stack_size == 0 ||
          (in_range(t.stack_step, 1, t.stack_size) && in_range(t.stack_before, 0, t.stack_size - 1) &&
           features <= LIMIT / t.stack_size));
}

// Reads a table of so many numbers, or of none.
bool read_table(Reader& reader, std::vector<double>& table, const double*& place, int64_t count, bool needed) {
  int64_t found = 0;
  if (!reader.read(found) || found != (needed ? count : 0) || !reader.read(table, found)) return false;
  place = needed ? table.data() : nullptr;
  return true;
}

bool read_tail(Reader& reader, PackedDefinition& packed) {
  sonogram_tail& t = packed.tail;
  if (!reader.read(t) || !is_valid(t, packed.definition)) return false;
  const sonogram_definition& d = packed.definition;
  const int64_t stride = num_stride(d), features = num_features(t, stride);
  const bool filters = t.deltas == SONOGRAM_REGRESSION || t.deltas == SONOGRAM_SAVITZKY_GOLAY;
  const bool affine = t.normalization == SONOGRAM_AFFINE;
  const int64_t numbers = t.has_matrix ? features : 1;
  return read_table(reader, packed.cepstrum, t.cepstrum, t.num_coefficients * (stride - (d.energy ? 1 : 0)),
                    t.num_coefficients > 0) &&
         read_table(reader, packed.weights, t.weights, t.order * t.delta_size, filters) &&
         read_table(reader, packed.mean, t.mean, numbers, affine) &&
         read_table(reader, packed.gain, t.gain, numbers, affine) &&
         read_table(reader, packed.kept, t.kept, features, t.normalization == SONOGRAM_RUNNING_MEAN && !t.first_frame);
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

int64_t PackedDefinition::num_rows(int64_t frames) const {
  return definition.tail ? sonogram::num_rows(tail, frames) : frames;
}

int64_t PackedDefinition::num_columns() const {
  const int64_t stride = num_stride(definition);
  return definition.tail ? num_features(tail, stride) * std::max<int64_t>(tail.stack_size, 1) : stride;
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
  int64_t has_tail = 0;
  if (!reader.read(indices, count) || !reader.read(weights, count) || !reader.read(has_tail)) return false;
  if (has_tail && !read_tail(reader, packed)) return false;
  if (!reader.empty()) return false;
  const int64_t size = (d.fft_length / 2 + 1) * d.num_bands;
  packed.bands.assign((size_t)size, 0.0);
  for (size_t i = 0; i < indices.size(); ++i) {
    if (!in_range(indices[i], 0, size - 1)) return false;
    packed.bands[(size_t)indices[i]] = weights[i];
  }
  d.window = packed.window.data();
  d.bands = packed.bands.data();
  d.tail = has_tail ? &packed.tail : nullptr;
  return true;
}

}  // namespace sonogram
