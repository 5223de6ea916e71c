// The op that computes a definition: samples (..., samples) to channels (..., frames, channels).
#include <algorithm>
#include <memory>

#include "packed.h"
#include "tensorflow_op.h"

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
    if (!unpack(attributes.string("plan"), packed_))
      throw OpError{TF_INVALID_ARGUMENT, "the plan in this node belongs to another version of sonogram"};
    const std::string& isa = op_settings().isa;
    handle_.reset(sonogram_create(&packed_.definition, isa.empty() ? nullptr : isa.c_str()));
    if (handle_ == nullptr) throw std::bad_alloc();
  }

  void compute(OpContext& context) const {
    const OpTensor samples = context.input(0);
    const int rank = samples.rank();
    if (rank == 0) throw OpError{TF_INVALID_ARGUMENT, "samples must be (..., samples); got a single number"};
    const int64_t total = samples.dim(rank - 1), kept = packed_.kept(total);
    sonogram_clips clips = {};
    clips.dtype = dtype_of(samples);
    clips.samples = samples.data<void>();
    clips.stride = clips.available = clips.total = total;
    clips.left = packed_.left(kept);
    clips.num_frames = packed_.num_frames(kept);
    clips.num_valid = packed_.num_valid(kept);
    clips.threads = threads_ > 0 ? threads_ : op_settings().threads;
    std::vector<int64_t> dims;
    clips.count = 1;
    for (int axis = 0; axis < rank - 1; ++axis) {
      dims.push_back(samples.dim(axis));
      clips.count *= dims.back();
    }
    std::vector<int64_t> totals, lefts, valids;
    if (context.num_inputs() > 1) {
      totals = lengths_of(context.input(1), clips.count, total);
      for (const int64_t length : totals) {
        const int64_t own = packed_.kept(length);
        lefts.push_back(packed_.left(own));
        valids.push_back(packed_.num_valid(own));
      }
      clips.totals = totals.data();
      clips.lefts = lefts.data();
      clips.num_valids = valids.data();
    }
    dims.push_back(clips.num_frames);
    dims.push_back(packed_.channels());
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

  Packed packed_;
  int32_t threads_;
  std::unique_ptr<sonogram_handle, Release> handle_;
};

}  // namespace

Op spectrogram_op() {
  return make_op<Spectrogram>(
      "SonogramSpectrogram",
      // `definition` is for the gradient, which Python computes; threads 0: as many as calls may use.
      {"T: {float, double, int16}", "count: int >= 0", "plan: string", "definition: string",
       "threads: int = 0"},
      {"samples: T", "lengths: count * int64"}, {"features: float"});
}
