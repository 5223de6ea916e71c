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

void choose_order(Plan& plan, bool full) {
  std::vector<int>& radices = plan.radices = factors(plan.program.points);
  size_t first = radices.size() - 1;
  if (full)  // nothing is 0: a factor without common divisor needs no twiddles
    for (size_t i = 0; i < radices.size(); ++i)
      if (std::gcd((int64_t)radices[i], plan.program.points / radices[i]) == 1 && is_written(radices[i])) {
        plan.coprime = radices.size() > 1;
        first = i;
      }
  std::rotate(radices.begin(), radices.begin() + first, radices.begin() + first + 1);
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

// Depth first once a sub-transform no longer fits the first cache beside its neighbors.
void push_steps(Plan& plan, size_t level, int64_t base, int64_t blocks, int64_t size) {
  if (level == plan.radices.size()) return;
  if (blocks > 1 && blocks * size * plan.program.lanes * 8 > DEEP_BYTES) {
    for (int64_t block = 0; block < blocks; ++block) push_steps(plan, level, base + block * size, 1, size);
    return;
  }
  const int radix = plan.radices[level];
  const std::vector<float>& table = plan.level_twiddles[level];
  plan.steps.push_back({radix, (int32_t)base, (int32_t)blocks, (int32_t)(size / radix), table.data()});
  plan.step_roots.push_back(plan.level_roots[level].data());
  push_steps(plan, level + 1, base, blocks * radix, size / radix);
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

void lay_out_channels(Plan& plan, const double* bands) {
  Program& p = plan.program;
  const int64_t point = 2 * p.lanes;
  for (int64_t k = 0; k < p.points; ++k) plan.positions.push_back((uint32_t)(position(plan, k) * point));
  plan.positions.push_back((uint32_t)(p.points * point));
  p.bins = p.definition.fft_length / 2 + 1;
  p.channels = p.definition.num_bands ? p.definition.num_bands : p.bins;
  if (p.definition.num_bands) {
    for (int64_t band = 0; band < p.channels; ++band) {
      const size_t before = plan.terms.size();
      for (int64_t k = 0; k < p.bins; ++k)
        if (const double weight = bands[k * p.channels + band]; weight != 0)
          plan.terms.push_back({plan.positions[k], (float)weight});
      plan.term_counts.push_back((uint32_t)(plan.terms.size() - before));
    }
    plan.terms.push_back({0, 0});  // never read; the pointer tells that there are bands
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
  p.points_size = aligned((p.points + 1) * 2 * p.lanes);
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
  if (!p.odd)
    for (int64_t k = 0; k <= p.points / 2; ++k) push_root(plan->split, k, 2 * p.points);

  const auto table = [](const std::vector<float>& values) { return values.empty() ? nullptr : values.data(); };
  p.num_runs = (int32_t)plan->runs.size();
  p.num_steps = (int32_t)plan->steps.size();
  p.legs = plan->legs.data();
  p.runs = plan->runs.data();
  p.twiddles = table(plan->level_twiddles[0]);
  p.roots = table(plan->level_roots[0]);
  p.steps = plan->steps.data();
  p.step_roots = plan->step_roots.data();
  p.positions = plan->positions.data();
  p.split = table(plan->split);
  p.channel_places = plan->channel_places.data();
  p.terms = plan->terms.empty() ? nullptr : plan->terms.data();
  p.term_counts = plan->term_counts.data();
  measure_scratch(p);
  return plan;
}

int64_t scratch_size(const Program& p) {
  return p.segment_size + p.emphasized_size + p.tile_size + p.points_size + p.spare_size + p.means_size;
}
