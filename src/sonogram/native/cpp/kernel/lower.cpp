#include "lowering.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sonogram {
namespace {

constexpr int64_t TILE_BYTES = 96 * 1024;  // so that tile and points share the second cache
constexpr int64_t FIRST_CACHE_BYTES = 16 * 1024;  // half of a first cache: the rest is tables and neighbors
constexpr int64_t MAX_GROUPS = 8;

// Appends exp(-2 pi i turn / length). Reducing the angle in integers keeps it exact.
void push_root(std::vector<float>& table, int64_t turn, int64_t length) {
  const long double angle = 2 * 3.14159265358979323846264338327950288L * (turn % length) / length;
  table.push_back((float)std::cos(angle));
  table.push_back((float)-std::sin(angle));
}

// Whether the radix has a butterfly in butterflies.h.
bool is_written(int radix) { return radix <= 8 && radix > 1 && radix != 6; }

// The radices of a transform, in ascending order: as many eights as possible, then the odd primes.
//
// Per point and octave a complex transform takes 5 real operations with radix 2, 4.25 with radix 4 and
// 4.08 with radix 8; split radix takes 4. Radix 8 reads and writes memory a third as often as radix 2,
// which matters more than the last 2 %, and all of its sub-transforms have the same length.
std::vector<int> factors(int64_t points) {
  std::vector<int> found;
  int twos = 0;
  for (; points % 2 == 0; points /= 2) ++twos;
  if (twos == 1) found.push_back(2);
  for (; twos > 1 && twos % 3 != 0; twos -= 2) found.push_back(4);
  for (; twos >= 3; twos -= 3) found.push_back(8);
  for (int64_t odd = 3; odd * odd <= points; odd += 2)
    for (; points % odd == 0; points /= odd) found.push_back((int)odd);
  if (points > 1 || found.empty()) found.push_back((int)points);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

// The passes in their order.
//
// The last two written radices are the leaves. The last pass has no twiddles, so it has a large radix:
// that leaves out most of them. The largest radix comes first: the first pass also applies the window,
// and the finer it divides a frame, the more of a zero-padded one it can leave out. Radices without a
// written butterfly come before the written ones, since leaves need two of these.
//
// Where the window fills the transform there is nothing to leave out, and a first radix R without a
// common divisor with M = N / R is better: with n = (M l + R j) mod N and k given by its remainders
// modulo R and M, exp(-2 pi i n k / N) is a product of a factor of l and k mod R and a factor of j and
// k mod M. The pass needs no twiddles at all (I. J. Good 1958).
void Lowering::choose_order() {
  const bool filled = p_.definition.frame_length == p_.definition.fft_length;
  radices_ = factors(p_.points);
  std::stable_partition(radices_.begin(), radices_.end(), [](int radix) { return !is_written(radix); });
  auto first = is_written(radices_.front()) ? radices_.end() - 1 : radices_.begin();
  if (filled)
    for (auto radix = radices_.begin(); radix < radices_.end(); ++radix)
      if (is_written(*radix) == is_written(radices_.front()) &&
          std::gcd<int64_t>(*radix, p_.points / *radix) == 1) {
        coprime_ = radices_.size() > 1;
        first = radix;
      }
  std::rotate(radices_.begin(), first, first + 1);
  p_.radix = radices_.front();
  p_.last_radix = radices_.back();
  p_.leaf = 1;
  for (size_t level = radices_.size() - 1;
       level > 0 && level + 2 >= radices_.size() && is_written(radices_[level]); --level)
    p_.leaf *= radices_[level];
  p_.stored_points = p_.points + (p_.leaf > 1 ? p_.points / p_.leaf : 0) + 1;  // with the last bin
}

uint32_t Lowering::offset_of(int64_t point) const {
  return (uint32_t)((point + (p_.leaf > 1 ? point / p_.leaf : 0)) * 2 * p_.lanes);
}

// The point that holds bin k after the last pass: the digits of k, the least one counting most. A coprime
// first pass sees k through its remainders, so its digit is one remainder and the others divide the other.
int64_t Lowering::digit_reversed(int64_t k) const {
  int64_t size = p_.points, point = 0;
  for (size_t level = 0; level < radices_.size(); ++level) {
    const int radix = radices_[level];
    size /= radix;
    point += k % radix * size;
    k = level == 0 && coprime_ ? k % size : k / radix;
  }
  return point;
}

void Lowering::lay_out_twiddles() {
  int64_t span = p_.points;
  for (size_t level = 0; level < radices_.size(); ++level) {
    const int radix = radices_[level];
    span /= radix;
    std::vector<float> twiddles, roots;
    if (span > 1 && !(level == 0 && coprime_))
      for (int64_t j = 0; j < span; ++j)
        for (int r = 1; r < radix; ++r) push_root(twiddles, j * r, radix * span);
    if (!is_written(radix))
      for (int k = 0; k < radix; ++k) {
        push_root(roots, k, radix);
        roots.back() = -roots.back();
      }
    twiddles_.push_back(keep(std::move(twiddles)));
    roots_.push_back(keep(std::move(roots)));
  }
  p_.twiddles = twiddles_.front();
  p_.roots = roots_.front();
  if (radices_.size() > 2) p_.leaf_twiddles = twiddles_.end()[-2];
}

// Breadth first while `blocks` sub-transforms of `size` points fit the first cache together, one pass
// over all of them; otherwise depth first, so that one is finished before the next is begun.
void Lowering::push_passes(std::vector<Pass>& passes, size_t level, int64_t base, int64_t blocks,
                           int64_t size) const {
  if (level == radices_.size()) return;
  if (blocks > 1 && blocks * size * p_.lanes * 8 > FIRST_CACHE_BYTES && size > p_.leaf) {
    for (int64_t block = 0; block < blocks; ++block) push_passes(passes, level, base + block * size, 1, size);
    return;
  }
  Pass pass = {};
  pass.radix = radices_[level];
  pass.blocks = (int32_t)blocks;
  pass.span = (int32_t)(size / pass.radix);
  pass.leaf = (int32_t)p_.leaf;
  pass.offset = offset_of(base);
  pass.twiddles = twiddles_[level];
  pass.roots = roots_[level];
  if (size == p_.leaf && p_.leaf > 1) {
    if (!p_.odd_length) return;  // last_pass.h runs these leaves
    pass.last_radix = p_.last_radix;
    if (level + 1 == radices_.size()) pass.radix = 1;
    passes.push_back(pass);
    return;
  }
  passes.push_back(pass);
  push_passes(passes, level + 1, base, blocks * radices_[level], size / radices_[level]);
}

// Finds which leaves, butterflies of the last pass and points hold each other's conjugate bins.
void Lowering::lay_out_conjugates() {
  const int64_t points = p_.points, leaf = p_.leaf, radix = p_.last_radix;
  std::vector<ConjugatePair> butterfly_pairs, point_pairs;
  std::vector<float> butterfly_twiddles, point_twiddles;
  std::vector<LeafPair> leaf_pairs;
  const auto push_point = [&](int64_t k) {
    if (k == 0 || 2 * k >= points) return;
    point_pairs.push_back({bins_[k], bins_[points - k], 0});
    push_root(point_twiddles, k, 2 * points);
  };
  if (leaf == 1)
    for (int64_t k = 1; 2 * k < points; ++k) push_point(k);
  std::vector<int64_t> bin_at(points);
  for (int64_t k = 0; k < points; ++k) bin_at[digit_reversed(k)] = k;
  const auto conjugate = [&](int64_t point) { return digit_reversed((points - bin_at[point]) % points); };
  std::vector<bool> done(points / leaf, leaf == 1);
  for (int64_t low = 0; low < points / leaf; ++low) {
    if (done[low]) continue;
    const int64_t high = conjugate(low * leaf) / leaf;
    done[low] = done[high] = true;
    LeafPair pair = {{offset_of(low * leaf), offset_of(high * leaf)}, low == high ? 1 : 2,
                     (int32_t)butterfly_pairs.size(), 0};
    for (int64_t butterfly = low * leaf; butterfly < (low + 1) * leaf; butterfly += radix) {
      const int64_t facing = conjugate(butterfly), other = facing / radix * radix;
      if (other < butterfly && low == high) continue;  // found before, from the other side
      butterfly_pairs.push_back({offset_of(butterfly), offset_of(other), facing == other});
      for (int64_t t = 0; t < radix; ++t) {
        push_root(butterfly_twiddles, bin_at[butterfly + t], 2 * points);
        if (other == butterfly) push_point(bin_at[butterfly + t]);
      }
    }
    pair.count = (int32_t)butterfly_pairs.size() - pair.first;
    leaf_pairs.push_back(pair);
  }
  p_.num_leaf_pairs = (int32_t)leaf_pairs.size();
  p_.num_point_pairs = (int32_t)point_pairs.size();
  p_.leaf_pairs = keep(std::move(leaf_pairs));
  p_.butterfly_pairs = keep(std::move(butterfly_pairs));
  p_.point_pairs = keep(std::move(point_pairs));
  p_.butterfly_pair_twiddles = keep(std::move(butterfly_twiddles));
  p_.point_pair_twiddles = keep(std::move(point_twiddles));
}

void Lowering::lay_out_tile(int64_t bytes) {
  const sonogram_definition& d = p_.definition;
  p_.reach = (d.frame_length - 1) / d.frame_step;
  p_.phases = round_up(std::min(d.frame_step, d.frame_length), p_.lanes);
  for (p_.groups = MAX_GROUPS;; --p_.groups) {
    const int64_t rows = round_up(p_.groups * p_.lanes + p_.reach, p_.lanes);
    // An odd number of vectors, so that the phases do not all begin in the same lines of the cache.
    p_.pitch = rows / p_.lanes % 2 ? rows : rows + p_.lanes;
    if (p_.groups == 1 || p_.pitch * p_.phases * 4 <= bytes) break;
  }
  p_.first_samples = (uint32_t)(p_.phases * p_.pitch);
}

void Lowering::lay_out_inputs(const double* window) {
  const sonogram_definition& d = p_.definition;
  const double scale = p_.window_scale * (p_.odd_length ? 1.0 : 0.5);  // 1/2: see bins.h
  // Sample n of the transform; returns whether the window covers it.
  const auto sample = [&](int64_t n, uint32_t& offset, float& weight) {
    n -= d.window_offset;
    const bool inside = n >= 0 && n < d.frame_length;
    // Outside the window stands the frame's own first sample times 0: another frame's NaN must not enter.
    const int64_t source = inside ? n : 0;
    offset = source == 0 && p_.frame_preemphasis
                 ? p_.first_samples
                 : (uint32_t)(source % d.frame_step * p_.pitch + source / d.frame_step);
    weight = inside ? (float)(window[source] * scale) : 0.0f;
    return inside;
  };
  const int radix = p_.radix;
  const int64_t span = p_.points / radix;
  std::vector<ButterflyInput> inputs;
  std::vector<ButterflyRun> runs;
  for (int64_t j = 0; j < span; ++j) {
    int used = 0;
    for (int l = 0; l < radix; ++l) {
      const int64_t n = coprime_ ? (span * l + radix * j) % p_.points : j + l * span;
      ButterflyInput input = {0, 0, 0, 0};
      bool inside = sample(p_.odd_length ? n : 2 * n, input.re, input.re_weight);
      if (!p_.odd_length) inside |= sample(2 * n + 1, input.im, input.im_weight);
      if (inside) used = l + 1;
      inputs.push_back(input);
    }
    used = std::max(used, radix == 8 ? 4 : radix);  // the kernel leaves out inputs only of radix 8
    if (runs.empty() || runs.back().inputs != used) runs.push_back({(int32_t)j, 0, used});
    ++runs.back().count;
  }
  p_.num_runs = (int32_t)runs.size();
  p_.inputs = keep(std::move(inputs));
  p_.runs = keep(std::move(runs));
}

void Lowering::measure_scratch() {
  const sonogram_definition& d = p_.definition;
  const int64_t frames = p_.groups * p_.lanes;
  const int64_t rows = round_up(frames + p_.reach, p_.lanes);
  const int64_t samples =
      std::max((rows - 1) * d.frame_step + p_.phases, (frames - 1) * d.frame_step + d.frame_length);
  const auto aligned = [](int64_t floats) { return round_up(floats, 16); };
  p_.segment_size = aligned(samples + p_.lanes);
  p_.emphasized_size = p_.frame_preemphasis ? p_.segment_size : 0;
  p_.tile_size = aligned((p_.phases + 1) * p_.pitch);
  p_.points_size = aligned(p_.stored_points * 2 * p_.lanes);
  if (p_.num_levels > 0) {
    const Level& last = p_.levels[p_.num_levels - 1];
    p_.tile_size = aligned(last.tile + (last.phases + 1) * p_.pitch + TILE_GAP);
    p_.points_size *= GROUPS_OF_SUMS;
    p_.spare_size = FOLDED_SAMPLES * 2 * GROUPS_OF_SUMS * p_.lanes;
  } else {
    p_.spare_size = aligned(*std::max_element(radices_.begin(), radices_.end()) * 2 * p_.lanes);
  }
  p_.scratch_size = p_.segment_size + p_.emphasized_size + p_.tile_size + p_.points_size + p_.spare_size +
                    aligned(2 * frames + 2 * (2 * frames + p_.reach));
}

void Lowering::lay_out_transform(const double* window) {
  p_.odd_length = p_.definition.fft_length % 2 != 0;
  p_.points = p_.odd_length ? p_.definition.fft_length : p_.definition.fft_length / 2;
  p_.num_bins = p_.definition.fft_length / 2 + 1;
  lay_out_tile(TILE_BYTES);
  choose_order();
  for (int64_t k = 0; k < p_.points; ++k) bins_.push_back(offset_of(digit_reversed(k)));
  bins_.push_back((uint32_t)((p_.stored_points - 1) * 2 * p_.lanes));
  lay_out_inputs(window);
  lay_out_twiddles();
  std::vector<Pass> passes;
  push_passes(passes, 1, 0, p_.radix, p_.points / p_.radix);
  p_.num_passes = (int32_t)passes.size();
  p_.passes = keep(std::move(passes));
  if (!p_.odd_length) lay_out_conjugates();
}

Lowering::Lowering(const sonogram_definition& definition, const sonogram_kernels* kernels, int lanes) {
  p_.definition = definition;
  p_.definition.window = p_.definition.bands = nullptr;
  p_.definition.tail = nullptr;
  p_.lanes = lanes;
  p_.frame_preemphasis = definition.preemphasis == SONOGRAM_FRAME;
  p_.remove_frame_mean = definition.remove_mean == SONOGRAM_FRAME;
  p_.one_minus_coefficient = (float)(1 - definition.coefficient);
  int exponent;
  const bool power_of_two = std::frexp(std::fabs(definition.scale), &exponent) == 0.5;
  p_.window_scale = power_of_two ? definition.scale : 1.0;
  p_.sample_scale = power_of_two ? 1.0 : definition.scale;
  if (kernels != nullptr) lay_out_kernels(*kernels);
  else lay_out_transform(definition.window);
  lay_out_columns(definition.bands);
  lay_out_logarithm();
  measure_scratch();
  if (definition.tail != nullptr) lower_tail(definition, *lowered_);
}

std::unique_ptr<LoweredProgram> lower(const sonogram_definition& definition, const sonogram_kernels* kernels,
                                      int lanes) {
  return Lowering(definition, kernels, lanes).result();
}

}  // namespace sonogram
