// Lowers a matrix and what follows the columns: tables in float32.
#include <algorithm>
#include <cmath>

#include "lower.h"

namespace sonogram {
namespace {

constexpr int64_t PADDING = 16;  // floats; the kernel reads and writes whole vectors

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// Returns 1 for a column that is its own mirror image, -1 for one that changes sign, and otherwise 0. The cosines of
// mirrored terms differ by rounding.
int symmetry(const double* column, int64_t terms) {
  double largest = 0;
  bool even = true, odd = true;
  for (int64_t i = 0; i < terms; ++i) largest = std::max(largest, std::fabs(column[i]));
  for (int64_t i = 0; i < terms; ++i) {
    const double near = 1e-12 * largest, other = column[terms - 1 - i];
    even = even && std::fabs(column[i] - other) <= near;
    odd = odd && std::fabs(column[i] + other) <= near;
  }
  return even ? 1 : odd ? -1 : 0;
}

void push_column(LoweredProduct& lowered, int part, int64_t column, const double* values, int64_t terms) {
  for (int64_t i = 0; i < terms; ++i) lowered.weights[part].push_back((float)values[i]);
  lowered.columns[part].push_back((uint32_t)column);
}

}  // namespace

std::unique_ptr<LoweredProduct> lower_product(const double* matrix, int64_t terms, int64_t columns, int64_t stride,
                                              int lanes) {
  auto lowered = std::make_unique<LoweredProduct>();
  Product& product = lowered->product;
  std::vector<int> symmetries;
  for (int64_t i = 0; i < columns; ++i) symmetries.push_back(symmetry(matrix + i * terms, terms));
  product.terms = terms;
  product.columns = columns;
  product.folded = std::find(symmetries.begin(), symmetries.end(), 0) == symmetries.end();
  product.num_parts = product.folded ? 2 : 1;
  const int64_t half = terms / 2;
  for (int64_t i = 0; i < columns; ++i) {
    const double* column = matrix + i * terms;
    if (!product.folded) push_column(*lowered, 0, i, column, terms);
    else if (symmetries[(size_t)i] > 0) push_column(*lowered, 0, i, column, terms - half);
    else push_column(*lowered, 1, i, column, half);
  }
  const int64_t sizes[2] = {product.folded ? terms - half : terms, half};
  for (int part = 0; part < product.num_parts; ++part)
    product.parts[part] = {(int64_t)lowered->columns[part].size(), sizes[part], lowered->weights[part].data(),
                           lowered->columns[part].data()};
  product.scratch_size = (2 * round_up(terms, lanes) + round_up(columns, lanes) + stride + 1) * lanes;
  return lowered;
}

int64_t num_rows(const sonogram_tail& rule, int64_t frames) {
  if (rule.stack_size == 0) return frames;
  if (rule.stack_pads) return (frames + rule.stack_step - 1) / rule.stack_step;
  return std::max<int64_t>(frames + rule.stack_before - rule.stack_size + rule.stack_step, 0) / rule.stack_step;
}

int64_t num_width(const sonogram_tail& rule, int64_t stride) {
  return rule.num_coefficients ? rule.num_coefficients : stride;
}

int64_t num_features(const sonogram_tail& rule, int64_t stride) {
  return num_width(rule, stride) * (rule.deltas == SONOGRAM_NO_DELTAS ? 1 : rule.order + 1);
}

double detected(const sonogram_definition& d, double magnitude) {
  const double power = magnitude * magnitude;
  return d.output == SONOGRAM_POWER ? power : std::sqrt(std::max(power, d.floor) + d.epsilon);
}

void lower_tail(const sonogram_definition& d, LoweredProgram& lowered_program) {
  Program& program = lowered_program.program;
  const int64_t columns = program.num_columns;
  auto lowered = std::make_shared<LoweredTail>();
  Tail& tail = lowered->tail;
  tail.rule = *d.tail;
  tail.columns = columns;
  tail.stride = columns + (d.energy ? 1 : 0);
  tail.width = num_width(tail.rule, tail.stride);
  tail.features = num_features(tail.rule, tail.stride);
  tail.row = tail.features * std::max<int64_t>(tail.rule.stack_size, 1);
  if (tail.rule.num_coefficients) {
    lowered->product = lower_product(d.tail->cepstrum, columns, tail.width, tail.stride, program.lanes);
    tail.product = lowered->product->product;
  }
  const auto keep = [](auto& kept, const double* values, int64_t count) {
    if (values != nullptr) kept.assign(values, values + count);
    return kept.data();
  };
  const int64_t numbers = tail.rule.has_matrix ? tail.features : 1;
  tail.weights = keep(lowered->weights, d.tail->weights, tail.rule.order * tail.rule.delta_size);
  tail.kept = keep(lowered->kept, d.tail->kept, tail.features);
  tail.mean = keep(lowered->mean, d.tail->mean, numbers);
  tail.gain = keep(lowered->gain, d.tail->gain, numbers);
  lowered->total_weights.assign((size_t)columns, d.num_bands ? 0.0 : 1.0);
  lowered->silent_bands = lowered->total_weights;
  for (int64_t k = 0; d.num_bands && k < program.num_bins; ++k)
    for (int64_t band = 0; band < columns; ++band) {
      lowered->total_weights[(size_t)band] += std::fabs(d.bands[k * columns + band]);
      lowered->silent_bands[(size_t)band] += d.bands[k * columns + band];
    }
  for (double& band : lowered->silent_bands) band *= detected(d, 0);
  tail.total_weights = lowered->total_weights.data();
  tail.silent_bands = lowered->silent_bands.data();
  tail.rule.cepstrum = tail.rule.weights = tail.rule.mean = tail.rule.gain = tail.rule.kept = nullptr;
  program.tail = &tail;
  lowered_program.tables.push_back(std::move(lowered));
}

int64_t frames_scratch(const Tail& tail) {
  return std::max(tail.product.scratch_size, 2 * (tail.columns + 1)) + PADDING;
}

int64_t clip_scratch(const Tail& tail, int64_t frames) {
  const int64_t features = frames * tail.features + PADDING;
  const int64_t derivatives = tail.rule.order * (frames * tail.width + PADDING);
  const bool slides = tail.rule.normalization == SONOGRAM_SLIDING_MEAN;
  return features + std::max(derivatives, (slides ? 3 * frames : 5) * tail.features + PADDING);
}

}  // namespace sonogram
