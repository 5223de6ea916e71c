#include <algorithm>
#include <cmath>
#include <numeric>

#include "lowering.h"

namespace sonogram {
namespace {

constexpr int64_t TILE_BYTES = 256 * 1024;  // of the samples as given; the halved ones take as much again

// A difference between the two sides of a kernel below this part of its largest factor is rounding.
constexpr float SYMMETRIC = 1e-6f;

float largest(const std::vector<float>& values) {
  float found = 0;
  for (const float value : values) found = std::max(found, std::fabs(value));
  return found;
}

// The factors of x[n] + x[-n] and x[n] - x[-n] for a sum over x[n]: half the sum and half the difference of the
// two sides. The center is added to itself. Returns the sum over samples that are all 1.
float split(const float* values, int64_t begin, int64_t length, int64_t taps, double scale, std::vector<float>& sums,
           std::vector<float>& differences) {
  const auto at = [&](int64_t n) { return n < begin || n >= begin + length ? 0.0 : (double)values[n - begin]; };
  for (int64_t n = 0; n < taps; ++n) {
    sums.push_back((float)((n == 0 ? at(0) : at(n) + at(-n)) * 0.5 * scale));
    differences.push_back((float)((at(n) - at(-n)) * 0.5 * scale));
  }
  return (float)(std::accumulate(values, values + length, 0.0) * scale);
}

}  // namespace

// The samples of a level and where the kernels find theirs.
Level Lowering::level_of(int32_t halvings, int64_t taps) {
  const sonogram_definition& d = p_.definition;
  Level level = {};
  const int64_t center = (d.frame_length / 2) >> halvings;
  level.step = d.frame_step >> halvings;
  level.phases = halvings == 0 ? p_.phases : std::min(level.step, (d.frame_length >> halvings) + 1);
  level.first = halvings == 0 ? 0 : (d.frame_length / 2) >> (halvings - 1) & 1;
  level.taps = taps;
  if (!levels_.empty()) {
    const Level& before = levels_.back();
    level.tile = round_up(before.tile + (before.phases + 1) * p_.pitch + TILE_GAP, 16);
  }
  std::vector<uint32_t> offsets;
  const auto push = [&](int64_t n) {
    offsets.push_back((uint32_t)(level.tile + n % level.step * p_.pitch + n / level.step));
  };
  for (int64_t n = 0; n < taps; ++n) push(center + n), push(center - n);
  level.offsets = keep(std::move(offsets));
  return level;
}

KernelBlock Lowering::block_of(const std::vector<KernelRow>& rows, size_t first) {
  const size_t count = std::min<size_t>(ROWS_OF_BLOCK, rows.size() - first);
  KernelBlock block = {};
  block.taps = (int64_t)rows[first].sums.size();
  std::vector<float> factors((size_t)block.taps * ROWS_OF_BLOCK * 2, 0.0f);
  for (size_t i = 0; i < ROWS_OF_BLOCK; ++i) {
    // A missing row adds zeros to the point after the last bin.
    block.points[i] = bins_.back();
    if (i >= count) continue;
    const KernelRow& row = rows[first + i];
    block.points[i] = bins_[(size_t)row.bin];
    block.exchanged[i] = row.exchanged;
    block.constants[i] = row.constant;
    for (size_t n = 0; n < row.sums.size(); ++n) {
      factors[(n * ROWS_OF_BLOCK + i) * 2] = row.sums[n];
      factors[(n * ROWS_OF_BLOCK + i) * 2 + 1] = row.differences[n];
    }
  }
  block.factors = keep(std::move(factors));
  return block;
}

void Lowering::lay_out_kernels(const sonogram_kernels& kernels) {
  p_.num_bins = p_.points = kernels.count;
  p_.stored_points = kernels.count + 1;
  for (int64_t k = 0; k <= kernels.count; ++k) bins_.push_back((uint32_t)(k * 2 * p_.lanes));
  lay_out_tile(TILE_BYTES);
  std::vector<KernelBlock> blocks;
  const int32_t halvings = *std::max_element(kernels.halvings, kernels.halvings + kernels.count);
  for (int32_t level = 0; level <= halvings; ++level) {
    std::vector<KernelRow> rows;
    for (int64_t k = 0; k < kernels.count; ++k) {
      if (kernels.halvings[k] != level) continue;
      const int64_t begin = kernels.begins[k], length = kernels.offsets[k + 1] - kernels.offsets[k];
      const int64_t taps = std::max(-begin, begin + length - 1) + 1;
      KernelRow row = {k, false, {}, {}, 0}, other = {k, true, {}, {}, 0};
      const float *real = kernels.real + kernels.offsets[k], *imaginary = kernels.imaginary + kernels.offsets[k];
      row.constant = split(real, begin, length, taps, p_.window_scale, row.sums, other.differences);
      other.constant = split(imaginary, begin, length, taps, p_.window_scale, other.sums, row.differences);
      const bool symmetric = std::max(largest(other.sums), largest(other.differences)) <=
                             SYMMETRIC * std::max(largest(row.sums), largest(row.differences));
      rows.push_back(std::move(row));
      if (!symmetric) rows.push_back(std::move(other));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const KernelRow& a, const KernelRow& b) { return a.sums.size() > b.sums.size(); });
    Level made = level_of(level, rows.empty() ? 0 : (int64_t)rows.front().sums.size());
    made.first_block = (int32_t)blocks.size();
    for (size_t first = 0; first < rows.size(); first += ROWS_OF_BLOCK) blocks.push_back(block_of(rows, first));
    made.num_blocks = (int32_t)blocks.size() - made.first_block;
    levels_.push_back(made);
  }
  p_.num_levels = (int32_t)levels_.size();
  p_.levels = keep(levels_);
  p_.blocks = keep(std::move(blocks));
}

}  // namespace sonogram
