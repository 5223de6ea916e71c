#include <algorithm>
#include <cmath>

#include "lowering.h"

namespace sonogram {

// Returns false where a bin has a weight in more than two neighboring bands.
bool Lowering::lay_out_triangles(const double* bands) {
  const int64_t count = p_.num_columns;
  std::vector<uint32_t> counts(count + 1, 0);
  std::vector<TriangleWeights> weights;
  int64_t upper = 0;  // the band on whose rising side the bin lies
  for (int64_t k = 0; k < p_.num_bins; ++k) {
    const double* row = bands + k * count;
    int64_t first = 0, last = count - 1;
    while (first < count && row[first] == 0) ++first;
    while (last >= 0 && row[last] == 0) --last;
    if (first > last) continue;  // in no band
    upper = std::max(upper, last);
    if (first < upper - 1) return false;
    ++counts[upper];
    const float falling = upper > 0 ? (float)row[upper - 1] : 0, rising = (float)row[upper];
    weights.push_back({bins_[k], falling, rising});
  }
  p_.triangle_weights = keep(std::move(weights));
  p_.triangle_counts = keep(std::move(counts));
  return true;
}

void Lowering::lay_out_bands(const double* bands) {
  std::vector<BandWeight> weights;
  std::vector<uint32_t> counts;
  for (int64_t band = 0; band < p_.num_columns; ++band) {
    const size_t before = weights.size();
    for (int64_t k = 0; k < p_.num_bins; ++k)
      if (const double weight = bands[k * p_.num_columns + band]; weight != 0)
        weights.push_back({bins_[k], (float)weight});
    counts.push_back((uint32_t)(weights.size() - before));
  }
  p_.band_weights = keep(std::move(weights));
  p_.band_counts = keep(std::move(counts));
}

// The tables of logarithm.h: c near the reciprocal of the middle of each interval of m.
void Lowering::lay_out_logarithm() {
  const double factor = p_.definition.log_factor;
  p_.log_factor = (float)factor;
  p_.log_octave = (float)(factor * std::log(2.0));
  for (int k = 0; k < 16; ++k) {
    double c = 1;
    if (p_.lanes == 16 && k > 0) c = k == 15 ? 0.5 : 1 / (1 + (k + 0.5) / 16);
    if (p_.lanes == 8 && k < 4) c = 1 / (1 - (4 - k) / 16.0);
    if (p_.lanes == 8 && k > 4) c = 1 / (1 + (k - 4) / 8.0);
    p_.log_inverse[k] = (float)c;
    p_.log_value[k] = (float)(-std::log((double)p_.log_inverse[k]) * factor + p_.definition.log_shift);
  }
}

void Lowering::lay_out_columns(const double* bands) {
  const sonogram_definition& d = p_.definition;
  p_.bins = keep(bins_);
  p_.num_columns = d.num_bands ? d.num_bands : d.output == SONOGRAM_COMPLEX ? 2 * p_.num_bins : p_.num_bins;
  if (d.num_bands) {
    p_.triangles = lay_out_triangles(bands);
    if (!p_.triangles) lay_out_bands(bands);
    return;
  }
  std::vector<uint32_t> offsets;
  for (int64_t k = 0; k < p_.num_bins; ++k) {
    offsets.push_back(bins_[k]);
    if (d.output == SONOGRAM_COMPLEX) offsets.push_back(bins_[k] + p_.lanes);
  }
  p_.column_offsets = keep(std::move(offsets));
}

}  // namespace sonogram
