#include "plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace {

constexpr int64_t TILE_BYTES = 96 * 1024;   // of a block of frames: beside the points in the second cache
constexpr int64_t DEEP_BYTES = 16 * 1024;   // from here on sub-transforms are finished one by one
constexpr int64_t MOST_GROUPS = 8;

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// exp(-2 pi i turn / length); the angle is reduced in integers and kept below an eighth.
void push_root(std::vector<float>& table, int64_t turn, int64_t length) {
  const long double angle = 2 * 3.14159265358979323846264338327950288L * (turn % length) / length;
  table.push_back((float)std::cos(angle));
  table.push_back((float)-std::sin(angle));
}

// The passes: large radices first and last, where they save most.
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

bool is_written(int radix) { return radix == 2 || radix == 3 || radix == 4 || radix == 5 || radix == 7 || radix == 8; }

// General radices first, then the written ones: two of these at the end are a leaf.
void choose_order(Plan& plan, bool full) {
  Program& p = plan.program;
  std::vector<int>& radices = plan.radices = factors(p.points);
  std::stable_partition(radices.begin(), radices.end(), [](int radix) { return !is_written(radix); });
  auto first = is_written(radices.front()) ? radices.end() - 1 : radices.begin();
  if (full)  // nothing is 0: a factor without common divisor needs no twiddles
    for (auto radix = radices.begin(); radix < radices.end(); ++radix)
      if (is_written(*radix) == is_written(radices.front()) && std::gcd<int64_t>(*radix, p.points / *radix) == 1) {
        plan.coprime = radices.size() > 1;
        first = radix;
      }
  std::rotate(radices.begin(), first, first + 1);
  p.leaf = 1;
  for (size_t level = radices.size() - 1; level > 0 && level + 2 >= radices.size() && is_written(radices[level]); --level)
    p.leaf *= radices[level];
  p.room = p.points + (p.leaf > 1 ? p.points / p.leaf : 0) + 1;  // and the last bin
}

std::vector<float> level_table(int radix, int64_t span) {
  std::vector<float> table;
  for (int64_t j = 0; j < span; ++j)
    for (int leg = 1; leg < radix; ++leg) push_root(table, j * leg, radix * span);
  return table;
}

std::vector<float> roots_of(int radix) {
  std::vector<float> table;
  if (!is_written(radix))
    for (int k = 0; k < radix; ++k) {
      push_root(table, k, radix);
      table.back() = -table.back();
    }
  return table;
}

// Floats from the first point to point `index`, counted without the room behind leaves.
uint32_t place_of(const Program& p, int64_t index) {
  return (uint32_t)((index + (p.leaf > 1 ? index / p.leaf : 0)) * 2 * p.lanes);
}

// Depth first once a sub-transform no longer fits the first cache beside its neighbors.
void push_steps(Plan& plan, size_t level, int64_t base, int64_t blocks, int64_t size) {
  const Program& p = plan.program;
  if (level == plan.radices.size()) return;
  if (blocks > 1 && blocks * size * p.lanes * 8 > DEEP_BYTES && size > p.leaf) {
    for (int64_t block = 0; block < blocks; ++block) push_steps(plan, level, base + block * size, 1, size);
    return;
  }
  const auto table = [](const std::vector<float>& values) { return values.empty() ? nullptr : values.data(); };
  Step step = {};
  step.radix = plan.radices[level];
  step.blocks = (int32_t)blocks;
  step.span = (int32_t)(size / step.radix);
  step.leaf = (int32_t)p.leaf;
  step.place = place_of(p, base);
  step.twiddles = table(plan.level_twiddles[level]);
  step.roots = table(plan.level_roots[level]);
  if (size == p.leaf && p.leaf > 1) {
    if (!p.odd) return;  // see lay_out_mirrors
    const bool single = level + 1 == plan.radices.size();
    step.last = single ? step.radix : plan.radices[level + 1];
    if (single) step.radix = 1;
    plan.steps.push_back(step);
    return;
  }
  plan.steps.push_back(step);
  push_steps(plan, level + 1, base, blocks * plan.radices[level], size / plan.radices[level]);
}

// Where point k of the transform lies after the last pass.
int64_t position(const Plan& plan, int64_t k) {
  int64_t size = plan.program.points, place = 0;
  for (size_t level = 0; level < plan.radices.size(); ++level) {
    const int radix = plan.radices[level];
    size /= radix;
    place += k % radix * size;
    // A coprime first factor splits k into its two remainders, the others into digits.
    k = level == 0 && plan.coprime ? k % size : k / radix;
  }
  return place;
}

// Which groups of the last pass hold each other's mirror images, leaf by leaf; and the pairs of points
// within groups that are their own.
void lay_out_mirrors(Plan& plan) {
  Program& p = plan.program;
  const int64_t points = p.points, radix = p.last_radix = plan.radices.back();
  const auto loosen = [&](int64_t k) {
    if (k == 0 || 2 * k >= points) return;
    plan.loose.push_back({place_of(p, position(plan, k)), place_of(p, position(plan, points - k)), 0});
    push_root(plan.loose_twiddles, k, 2 * points);
  };
  if (p.leaf == 1) {
    for (int64_t k = 1; 2 * k < points; ++k) loosen(k);
    return;
  }
  std::vector<int64_t> bin(points);
  for (int64_t k = 0; k < points; ++k) bin[position(plan, k)] = k;
  const auto image = [&](int64_t index) { return position(plan, (points - bin[index]) % points); };
  std::vector<bool> done(points / p.leaf);
  for (int64_t leaf = 0; leaf < points / p.leaf; ++leaf) {
    if (done[leaf]) continue;
    const int64_t other = image(leaf * p.leaf) / p.leaf;
    done[leaf] = done[other] = true;
    Fold fold = {{place_of(p, leaf * p.leaf), place_of(p, other * p.leaf)}, leaf == other ? 1 : 2,
                 (int32_t)plan.mirrors.size(), 0};
    for (int64_t group = leaf * p.leaf; group < (leaf + 1) * p.leaf; group += radix) {
      const int64_t facing = image(group), high = facing / radix * radix;
      if (high < group && leaf == other) continue;  // met before, from the other side
      plan.mirrors.push_back({place_of(p, group), place_of(p, high), facing == high});
      for (int64_t t = 0; t < radix; ++t) {
        push_root(plan.mirror_twiddles, bin[group + t], 2 * points);
        if (high == group) loosen(bin[group + t]);
      }
    }
    fold.count = (int32_t)plan.mirrors.size() - fold.first;
    plan.folds.push_back(fold);
  }
}

void lay_out_tile(Program& p) {
  const sonogram_definition& d = p.definition;
  p.reach = (d.frame_length - 1) / d.frame_step;
  p.used = std::min(d.frame_step, d.frame_length);
  p.columns = round_up(p.used, p.lanes);
  for (p.groups = MOST_GROUPS;; --p.groups) {
    const int64_t rows = round_up(p.groups * p.lanes + p.reach, p.lanes);
    // An odd number of vectors: columns must not fall on the same lines of the cache.
    p.pitch = rows / p.lanes % 2 ? rows : rows + p.lanes;
    if (p.groups == 1 || p.pitch * p.columns * 4 <= TILE_BYTES) break;
  }
  p.first_sample = (uint32_t)(p.columns * p.pitch);
}

void lay_out_legs(Plan& plan, const double* window) {
  Program& p = plan.program;
  const sonogram_definition& d = p.definition;
  const auto sample = [&](int64_t index, uint32_t& place, float& weight) {
    index -= d.place;
    const bool inside = index >= 0 && index < d.frame_length;
    // What lies outside the window is the first sample times 0: no other frame's NaN can enter.
    const int64_t source = inside ? index : 0;
    place = source == 0 && p.emphasize ? p.first_sample
                                       : (uint32_t)(source % d.frame_step * p.pitch + source / d.frame_step);
    weight = inside ? (float)(window[source] * p.folded_scale * (p.odd ? 1.0 : 0.5)) : 0.0f;
    return inside;
  };
  const int radix = plan.radices[0];
  const int64_t span = p.points / radix;
  for (int64_t j = 0; j < span; ++j) {
    int used = 0;
    for (int leg = 0; leg < radix; ++leg) {
      const int64_t n = plan.coprime ? (span * leg + radix * j) % p.points : j + leg * span;
      Leg entry = {0, 0, 0, 0};
      bool inside = sample(p.odd ? n : 2 * n, entry.re, entry.re_weight);
      if (!p.odd) inside |= sample(2 * n + 1, entry.im, entry.im_weight);
      if (inside) used = leg + 1;
      plan.legs.push_back(entry);
    }
    used = std::max(used, radix == 8 ? 4 : radix);  // the kernel leaves out legs of 8 alone
    if (plan.runs.empty() || plan.runs.back().legs != used) plan.runs.push_back({(int32_t)j, 0, used});
    ++plan.runs.back().count;
  }
}

// Bands of which no more than two neighbors see the same bin, in order: false where they are not so.
bool lay_out_pairs(Plan& plan, const double* bands) {
  const int64_t count = plan.program.channels;
  plan.pair_counts.assign(count + 1, 0);
  int64_t center = 0;  // the bin lies below the center of this band
  for (int64_t k = 0; k < plan.program.bins; ++k) {
    const double* row = bands + k * count;
    int64_t low = 0, high = count - 1;
    while (low < count && row[low] == 0) ++low;
    while (high >= 0 && row[high] == 0) --high;
    if (low > high) continue;  // no band sees it
    center = std::max(center, high);
    if (low < center - 1) {
      plan.pairs.clear();
      return false;
    }
    ++plan.pair_counts[center];
    const float fall = center > 0 ? (float)row[center - 1] : 0, rise = (float)row[center];
    plan.pairs.push_back({plan.positions[k], fall, rise});
  }
  return true;
}

void lay_out_terms(Plan& plan, const double* bands) {
  for (int64_t band = 0; band < plan.program.channels; ++band) {
    const size_t before = plan.terms.size();
    for (int64_t k = 0; k < plan.program.bins; ++k)
      if (const double weight = bands[k * plan.program.channels + band]; weight != 0)
        plan.terms.push_back({plan.positions[k], (float)weight});
    plan.term_counts.push_back((uint32_t)(plan.terms.size() - before));
  }
}

// The tables of logarithm.h.
void lay_out_logarithm(Program& p) {
  const double factor = p.definition.log_factor;
  p.log_factor = (float)factor;
  p.log_octave = (float)(factor * std::log(2.0));
  for (int k = 0; k < 16; ++k) {
    double c = 1;
    if (p.lanes == 16 && k > 0) c = k == 15 ? 0.5 : 1 / (1 + (k + 0.5) / 16);
    if (p.lanes == 8 && k < 4) c = 1 / (1 - (4 - k) / 16.0);
    if (p.lanes == 8 && k > 4) c = 1 / (1 + (k - 4) / 8.0);
    p.log_inverse[k] = (float)c;
    p.log_value[k] = (float)(-std::log((double)p.log_inverse[k]) * factor + p.definition.log_shift);
  }
}

void lay_out_channels(Plan& plan, const double* bands) {
  Program& p = plan.program;
  for (int64_t k = 0; k < p.points; ++k) plan.positions.push_back(place_of(p, position(plan, k)));
  plan.positions.push_back((uint32_t)((p.room - 1) * 2 * p.lanes));
  p.bins = p.definition.fft_length / 2 + 1;
  p.channels = p.definition.num_bands ? p.definition.num_bands : p.bins;
  if (p.definition.num_bands) {
    p.triangles = lay_out_pairs(plan, bands);
    if (!p.triangles) lay_out_terms(plan, bands);
  } else {
    const bool pairs = p.definition.output == SONOGRAM_COMPLEX;
    if (pairs) p.channels *= 2;
    for (int64_t k = 0; k < p.bins; ++k) {
      plan.channel_places.push_back(plan.positions[k]);
      if (pairs) plan.channel_places.push_back(plan.positions[k] + p.lanes);
    }
  }
}

void measure_scratch(Program& p) {
  const sonogram_definition& d = p.definition;
  const int64_t frames = p.groups * p.lanes;
  const int64_t rows = round_up(frames + p.reach, p.lanes);
  const int64_t samples = std::max((rows - 1) * d.frame_step + p.columns, (frames - 1) * d.frame_step + d.frame_length);
  const auto aligned = [](int64_t floats) { return round_up(floats, 16); };
  p.segment_size = aligned(samples + p.lanes);
  p.emphasized_size = p.emphasize ? p.segment_size : 0;
  p.tile_size = aligned((p.columns + 1) * p.pitch);
  p.points_size = aligned(p.room * 2 * p.lanes);
  int64_t widest = 0;
  for (int64_t i = 0; i < p.num_steps; ++i) widest = std::max<int64_t>(widest, p.steps[i].radix);
  p.spare_size = aligned(std::max<int64_t>(widest, p.radix) * 2 * p.lanes);
  p.means_size = aligned(2 * frames + 2 * (2 * frames + p.reach));
}

}  // namespace

std::unique_ptr<Plan> make_plan(const sonogram_definition& definition, int lanes) {
  auto plan = std::make_unique<Plan>();
  Program& p = plan->program;
  p.definition = definition;
  p.definition.window = p.definition.bands = nullptr;
  p.lanes = lanes;
  p.emphasize = definition.preemphasis == SONOGRAM_FRAME;
  p.emphasis_rest = (float)(1 - definition.coefficient);
  p.center = definition.remove_mean == SONOGRAM_FRAME;
  p.odd = definition.fft_length % 2 != 0;
  p.points = p.odd ? definition.fft_length : definition.fft_length / 2;
  // A power of two may wait for the window: not a bit changes.
  int exponent;
  const bool exact = std::frexp(std::fabs(definition.scale), &exponent) == 0.5;
  p.folded_scale = exact ? definition.scale : 1.0;
  p.sample_scale = exact ? 1.0 : definition.scale;
  lay_out_tile(p);
  choose_order(*plan, definition.frame_length == definition.fft_length);
  lay_out_legs(*plan, definition.window);
  lay_out_channels(*plan, definition.bands);
  lay_out_logarithm(p);

  int64_t span = p.points;
  for (size_t level = 0; level < plan->radices.size(); ++level) {
    span /= plan->radices[level];
    // The last pass has no twiddles, nor has the first one of coprime factors.
    const bool plain = span == 1 || (level == 0 && plan->coprime);
    plan->level_twiddles.push_back(plain ? std::vector<float>() : level_table(plan->radices[level], span));
    plan->level_roots.push_back(roots_of(plan->radices[level]));
  }
  p.radix = plan->radices[0];
  push_steps(*plan, 1, 0, p.radix, p.points / p.radix);
  if (!p.odd) lay_out_mirrors(*plan);

  const auto table = [](const std::vector<float>& values) { return values.empty() ? nullptr : values.data(); };
  p.num_runs = (int32_t)plan->runs.size();
  p.num_steps = (int32_t)plan->steps.size();
  p.legs = plan->legs.data();
  p.runs = plan->runs.data();
  p.twiddles = table(plan->level_twiddles[0]);
  p.roots = table(plan->level_roots[0]);
  p.steps = plan->steps.data();
  p.positions = plan->positions.data();
  p.folds = plan->folds.empty() ? nullptr : plan->folds.data();
  p.num_folds = (int32_t)plan->folds.size();
  p.mirrors = plan->mirrors.data();
  p.loose = plan->loose.data();
  p.num_loose = (int32_t)plan->loose.size();
  p.mirror_twiddles = table(plan->mirror_twiddles);
  p.loose_twiddles = table(plan->loose_twiddles);
  if (plan->radices.size() > 2) p.leaf_twiddles = table(plan->level_twiddles.end()[-2]);
  p.channel_places = plan->channel_places.data();
  p.pairs = plan->pairs.data();
  p.pair_counts = plan->pair_counts.data();
  p.terms = plan->terms.data();
  p.term_counts = plan->term_counts.data();
  measure_scratch(p);
  return plan;
}

int64_t scratch_size(const Program& p) {
  return p.segment_size + p.emphasized_size + p.tile_size + p.points_size + p.spare_size + p.means_size;
}
