// The op without TensorFlow: its C API imitated in a few lines, so that the op runs under sanitizers.
//
// The result must have the bits of sonogram_run, and whatever is wrong with a call or with the bytes of
// the definition must end as a status.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "packed.h"
#include "tensorflow_op.h"

using namespace sonogram;

struct TF_Status {
  int code = TF_OK;
  std::string message;
};

struct Buffer {
  int dtype;
  std::vector<int64_t> dims;
  std::vector<char> bytes;  // just as many: one step beyond is caught
};

// A handle; the caller releases it, and one that is not released is a leak.
struct TF_Tensor {
  std::shared_ptr<Buffer> buffer;
};

struct TF_OpKernelConstruction {
  std::string definition;
  TF_Status status;
};

struct TF_OpKernelContext {
  std::vector<std::shared_ptr<Buffer>> inputs;
  std::shared_ptr<Buffer> output;
  TF_Status status;
};

namespace {

using Bytes = std::string;
using Dims = std::vector<int64_t>;

void require(bool holds, const char* what) {
  if (holds) return;
  std::printf("the op: %s\n", what);
  std::exit(1);
}

template <typename T>
std::shared_ptr<Buffer> make_buffer(int dtype, Dims dims, const std::vector<T>& values) {
  const char* first = (const char*)values.data();
  return std::make_shared<Buffer>(Buffer{dtype, dims, {first, first + values.size() * sizeof(T)}});
}

void imitate_construction(TensorFlow& t) {
  t.TF_NewStatus = [] { return new TF_Status; };
  t.TF_DeleteStatus = [](TF_Status* status) { delete status; };
  t.TF_SetStatus = [](TF_Status* status, int code, const char* message) { *status = {code, message}; };
  t.TF_GetCode = [](const TF_Status* status) { return status->code; };
  t.TF_Message = [](const TF_Status* status) { return status->message.c_str(); };
  t.TF_OpKernelConstruction_Failure = [](TF_OpKernelConstruction* c, TF_Status* status) { c->status = *status; };
  t.TF_OpKernelConstruction_GetAttrSize = [](TF_OpKernelConstruction* c, const char*, int32_t*, int32_t* total,
                                             TF_Status*) { *total = (int32_t)c->definition.size(); };
  t.TF_OpKernelConstruction_GetAttrString = [](TF_OpKernelConstruction* c, const char*, char* value, size_t size,
                                               TF_Status*) { memcpy(value, c->definition.data(), size); };
  t.TF_OpKernelConstruction_GetAttrInt64 = [](TF_OpKernelConstruction*, const char*, int64_t* value,
                                              TF_Status*) { *value = 2; };
}

void imitate_calls(TensorFlow& t) {
  t.TF_OpKernelContext_Failure = [](TF_OpKernelContext* c, TF_Status* status) { c->status = *status; };
  t.TF_NumInputs = [](TF_OpKernelContext* c) { return (int)c->inputs.size(); };
  t.TF_GetInput = [](TF_OpKernelContext* c, int index, TF_Tensor** tensor, TF_Status*) {
    *tensor = new TF_Tensor{c->inputs[(size_t)index]};
  };
  t.TF_AllocateOutput = [](TF_OpKernelContext* c, int, int dtype, const int64_t* dims, int rank, size_t bytes,
                           TF_Status* status) -> TF_Tensor* {
    if (bytes > size_t{1} << 28) {
      *status = {TF_RESOURCE_EXHAUSTED, "too large"};
      return nullptr;
    }
    c->output = std::make_shared<Buffer>(Buffer{dtype, {dims, dims + rank}, std::vector<char>(bytes, '\x7f')});
    return new TF_Tensor{c->output};
  };
  t.TF_DeleteTensor = [](TF_Tensor* tensor) { delete tensor; };
  t.TF_TensorType = [](const TF_Tensor* tensor) { return tensor->buffer->dtype; };
  t.TF_NumDims = [](const TF_Tensor* tensor) { return (int)tensor->buffer->dims.size(); };
  t.TF_Dim = [](const TF_Tensor* tensor, int axis) { return tensor->buffer->dims[(size_t)axis]; };
  t.TF_TensorData = [](const TF_Tensor* tensor) { return (void*)tensor->buffer->bytes.data(); };
}

template <typename T>
void append(Bytes& bytes, const T& value) {
  bytes.append((const char*)&value, sizeof value);
}

void append_table(Bytes& bytes, const std::vector<double>& table) {
  append(bytes, (int64_t)table.size());
  for (const double value : table) append(bytes, value);
}

// Two coefficients, their slopes, standardized, and two frames in a row: six features by two.
void append_tail(Bytes& bytes) {
  sonogram_tail t = {};
  t.num_coefficients = 2;
  t.deltas = SONOGRAM_REGRESSION;
  t.order = 2;
  t.delta_size = 5;
  t.normalization = SONOGRAM_STANDARDIZE;
  t.per_band = 1;
  t.epsilon = 1e-3;
  t.stack_size = t.stack_step = 2;
  t.stack_pads = 1;
  append(bytes, (int64_t)1);
  append(bytes, t);
  append_table(bytes, {1, 2, 1, 1, 0, -1});
  append_table(bytes, {-0.2, -0.1, 0, 0.1, 0.2, -0.2, -0.1, 0, 0.1, 0.2});
  for (int table = 0; table < 3; ++table) append_table(bytes, {});
}

// Frames of 8 samples in steps of 5, centered, three bands: what pack.py would write.
Bytes pack_definition(bool with_tail) {
  sonogram_definition d = {};
  d.frame_length = d.fft_length = 8;
  d.frame_step = 5;
  d.num_bands = 3;
  d.padding_mode = SONOGRAM_REFLECT;
  d.output = SONOGRAM_POWER;
  d.scale = 1;
  Bytes bytes = "sonogram";
  append(bytes, (int64_t)SONOGRAM_ABI);
  append(bytes, d);
  append(bytes, Framing{0, 5, 0, 0, 4, 8, 0});
  for (int i = 0; i < 8; ++i) append(bytes, 0.5 + 0.05 * i);
  append(bytes, (int64_t)3);
  for (const int64_t place : {1, 5, 11}) append(bytes, place);
  for (const double weight : {0.5, 1.0, 2.0}) append(bytes, weight);
  if (with_tail) append_tail(bytes);
  else append(bytes, (int64_t)0);
  return bytes;
}

// What the op makes of a definition and inputs; its status where it is not made at all.
TF_OpKernelContext call(const Bytes& packed, std::vector<std::shared_ptr<Buffer>> inputs) {
  const Op op = spectrogram_op();
  TF_OpKernelConstruction construction = {packed, {}};
  TF_OpKernelContext context = {std::move(inputs), nullptr, {}};
  void* kernel = op.create(&construction);
  require((kernel == nullptr) == (construction.status.code != TF_OK), "no kernel without a status");
  context.status = construction.status;
  if (kernel == nullptr) return context;
  op.compute(kernel, &context);
  op.destroy(kernel);
  return context;
}

void check_results(const Bytes& packed, const std::vector<float>& samples, const Dims& shape) {
  const TF_OpKernelContext whole = call(packed, {make_buffer(TF_FLOAT, {2, 3, 41}, samples)});
  require(whole.status.code == TF_OK && whole.output->dims == shape, "the shape");
  for (int64_t length : {0, 1, 7, 41}) {
    const std::vector<int64_t> lengths(6, length);
    const auto padded = call(packed, {make_buffer(TF_FLOAT, {6, 41}, samples), make_buffer(TF_INT64, {6}, lengths)});
    const std::vector<float> first(samples.begin(), samples.begin() + length);
    const auto alone = call(packed, {make_buffer(TF_FLOAT, {length}, first)});
    require(padded.status.code == TF_OK && alone.status.code == TF_OK, "lengths");
    const std::vector<char>&a = padded.output->bytes, &b = alone.output->bytes;
    require(std::equal(b.begin(), b.end(), a.begin()), "a clip in a batch is not the clip alone");
    require(std::all_of(a.begin() + (int64_t)b.size(), a.begin() + (int64_t)a.size() / 6, [](char c) { return c == 0; }),
            "something follows the frames");
  }
}

void check_errors(const Bytes& packed, const std::vector<float>& samples) {
  const auto good = make_buffer(TF_FLOAT, {6, 41}, samples);
  const auto refused = [&](std::vector<std::shared_ptr<Buffer>> inputs) {
    return call(packed, std::move(inputs)).status.code == TF_INVALID_ARGUMENT;
  };
  require(refused({make_buffer(TF_FLOAT, {}, std::vector<float>{1})}), "a single number went through");
  require(refused({make_buffer(TF_INT64, {1}, Dims{1})}), "another kind of number went through");
  require(refused({good, make_buffer(TF_INT64, {5}, Dims(5, 1))}), "too few lengths went through");
  require(refused({good, make_buffer(TF_INT64, {6}, Dims(6, 42))}), "a length beyond the end went through");
  require(refused({good, make_buffer(TF_INT64, {6}, Dims(6, -1))}), "a negative length went through");
  for (size_t size = 0; size < packed.size(); ++size)
    require(call(packed.substr(0, size), {good}).status.code == TF_INVALID_ARGUMENT, "half a definition went through");
}

// Whatever the bytes say: a status or a result, nothing else. Lengths stay below 256, for the time's sake.
void check_noise(const Bytes& packed, const std::vector<float>& samples) {
  std::mt19937 generator(7);
  for (int i = 0; i < 400; ++i) {
    Bytes broken = packed;
    for (int change = 0; change <= i % 3; ++change) {
      const size_t place = 16 + generator() % (broken.size() - 16);
      broken[place < 56 ? place / 8 * 8 : place] = (char)(generator() % 3 ? generator() % 4 : generator());
    }
    call(broken, {make_buffer(TF_FLOAT, {6, 41}, samples)});
  }
}

}  // namespace

void check_op() {
  imitate_construction(tensorflow);
  imitate_calls(tensorflow);
  std::vector<float> samples;
  for (int i = 0; i < 6 * 41; ++i) samples.push_back((float)(i % 41 * 37 % 17) / 17 - 0.5f);
  for (int clip = 1; clip < 6; ++clip) std::copy(samples.begin(), samples.begin() + 41, samples.begin() + clip * 41);
  check_results(pack_definition(false), samples, {2, 3, 9, 3});
  check_results(pack_definition(true), samples, {2, 3, 5, 12});
  for (const bool with_tail : {false, true}) {
    const Bytes packed = pack_definition(with_tail);
    check_errors(packed, samples);
    check_noise(packed, samples);
  }
  std::puts("the op: results, errors and broken definitions");
}
