// The op that executes a definition: from samples, (..., samples), to rows of features, (..., rows, features).
#include <algorithm>
#include <memory>

#include "packed.h"
#include "tensorflow_op.h"

namespace sonogram {
namespace {

struct Release {
  void operator()(sonogram_handle* handle) const { sonogram_destroy(handle); }
};

int32_t dtype_of(const OpTensor& samples) {
  switch (samples.dtype()) {
    case TF_FLOAT: return SONOGRAM_FLOAT32;
    case TF_DOUBLE: return SONOGRAM_FLOAT64;
    case TF_INT16: return SONOGRAM_INT16;
    default: throw OpError{TF_INVALID_ARGUMENT, "samples must be float32, float64 or int16"};
  }
}

class Spectrogram {
 public:
  explicit Spectrogram(const OpAttributes& attributes) : threads_((int32_t)attributes.integer("threads")) {
    if (!unpack(attributes.string("packed_definition"), packed_))
      throw OpError{TF_INVALID_ARGUMENT, "the definition in this node was written by another version of sonogram"};
    const std::string& isa = op_settings().isa;
    handle_.reset(sonogram_create(&packed_.definition, isa.empty() ? nullptr : isa.c_str()));
    if (handle_ == nullptr) throw std::bad_alloc();
  }

  void compute(OpContext& context) const {
    const OpTensor samples = context.input(0);
    std::vector<int64_t> dims = samples.shape();
    if (dims.empty()) throw OpError{TF_INVALID_ARGUMENT, "samples must be (..., samples); got a single number"};
    const int64_t total = dims.back(), conditioned = packed_.num_conditioned(total);
    dims.pop_back();
    sonogram_clips clips = {};
    clips.dtype = dtype_of(samples);
    clips.samples = samples.data<void>();
    clips.count = product(dims);
    clips.stride = clips.available = clips.total = total;
    clips.pad_left = packed_.pad_left(conditioned);
    clips.num_frames = packed_.num_frames(conditioned);
    clips.num_valid = packed_.num_valid(conditioned);
    clips.threads = threads_ > 0 ? threads_ : op_settings().threads;
    std::vector<int64_t> totals, pad_lefts, num_valids;
    if (context.num_inputs() > 1) {
      totals = lengths_of(context.input(1), clips.count, total);
      for (const int64_t length : totals) {
        const int64_t own = packed_.num_conditioned(length);
        pad_lefts.push_back(packed_.pad_left(own));
        num_valids.push_back(packed_.num_valid(own));
      }
      clips.totals = totals.data();
      clips.pad_lefts = pad_lefts.data();
      clips.num_valids = num_valids.data();
    }
    dims.push_back(packed_.num_rows(clips.num_frames));
    dims.push_back(packed_.num_columns());
    const OpTensor features = context.output(0, TF_FLOAT, dims);
    clips.out = features.data<float>();
    if (sonogram_run(handle_.get(), &clips)) throw std::bad_alloc();
  }

 private:
  static std::vector<int64_t> lengths_of(const OpTensor& lengths, int64_t count, int64_t total) {
    if (lengths.elements() != count)
      throw OpError{TF_INVALID_ARGUMENT, "lengths must be one for each of the " + std::to_string(count) +
                                             " clips; got " + std::to_string(lengths.elements())};
    const int64_t* values = lengths.data<const int64_t>();
    const std::vector<int64_t> found(values, values + count);
    for (const int64_t length : found)
      if (length < 0 || length > total)
        throw OpError{TF_INVALID_ARGUMENT, "lengths must lie between 0 and the " + std::to_string(total) +
                                               " samples of a clip; got " + std::to_string(length)};
    return found;
  }

  PackedDefinition packed_;
  int32_t threads_;
  std::unique_ptr<sonogram_handle, Release> handle_;
};

}  // namespace

Op spectrogram_op() {
  return make_op<Spectrogram>(
      "SonogramSpectrogram",
      // definition_json is for the gradient, which Python computes. threads 0: the default of the process.
      {"T: {float, double, int16}", "count: int >= 0", "packed_definition: string",
       "definition_json: string", "threads: int = 0"},
      {"samples: T", "lengths: count * int64"}, {"features: float"});
}

}  // namespace sonogram
