// The ops for sound: decode a file, decode some at a time, change a rate.
#include <string.h>

#include <algorithm>

#include "dispatch.h"
#include "resample.h"
#include "sound.h"
#include "tensorflow_op.h"

namespace {

const Kernel* kernel() {
  const std::string& isa = op_settings().isa;
  return find_kernel(isa.empty() ? nullptr : isa.c_str());
}

Sound read(std::string_view source, bool content, const SoundRequest& request) {
  if (content) return decode(content_in_memory(source.data(), (int64_t)source.size()), request, kernel());
  return decode(content_of_path(std::string(source)), request, kernel());
}

class Decode {
 public:
  explicit Decode(const OpAttributes& attributes) : content_(attributes.integer("content") != 0) {
    request_.sample_rate = attributes.integer("sample_rate");
    request_.mono = attributes.integer("mono") != 0;
  }

  void compute(OpContext& context) const {
    const OpTensor source = context.input(0);
    if (source.elements() != 1)
      throw OpError{TF_INVALID_ARGUMENT, "decode takes one sound; got " + std::to_string(source.elements())};
    Sound sound;
    try {
      sound = read(source.text(0), content_, request_);
    } catch (const SoundError& error) {
      throw OpError{TF_INVALID_ARGUMENT, sentence(content_ ? "<bytes>" : std::string(source.text(0)), error)};
    }
    const int64_t count = (int64_t)sound.planes[0].size();
    std::vector<int64_t> dims = {count};
    if (!request_.mono) dims.insert(dims.begin(), (int64_t)sound.planes.size());
    const OpTensor samples = context.output(0, TF_FLOAT, dims);
    const OpTensor rate = context.output(1, TF_INT32, {});
    for (size_t c = 0; c < sound.planes.size(); ++c)
      memcpy(samples.data<float>() + (int64_t)c * count, sound.planes[c].data(), (size_t)count * sizeof(float));
    *rate.data<int32_t>() = sound.sample_rate;
  }

 private:
  bool content_;
  SoundRequest request_;
};

// Files of a data set, cut to one length if wanted. A file that cannot be read is left out: the caller
// reads it in another way, which may succeed or say what is wrong. Or the rest is left out too, for a
// caller who then reads all of them.
class DecodeFiles {
 public:
  explicit DecodeFiles(const OpAttributes& attributes)
      : stops_(attributes.integer("stops") != 0),
        size_(attributes.integer("size")),
        crop_(attributes.string("crop")),
        pad_both_(attributes.string("pad") == "both") {
    request_.sample_rate = attributes.integer("sample_rate");
    request_.resamples = attributes.integer("resamples") != 0;
  }

  void compute(OpContext& context) const {
    const OpTensor paths = context.input(0), draws = context.input(1);
    const int64_t count = paths.elements();
    if (draws.elements() != count)
      throw OpError{TF_INVALID_ARGUMENT, "there must be one random number for each file"};
    std::vector<std::vector<float>> sounds;
    std::vector<int32_t> good;
    int64_t total = 0;
    for (int64_t i = 0; i < count; ++i) {
      try {
        sounds.push_back(std::move(read(paths.text(i), false, request_).planes[0]));
      } catch (const SoundError&) {
        if (stops_) break;
        continue;
      }
      good.push_back((int32_t)i);
      total += size_ > 0 ? size_ : (int64_t)sounds.back().size();
    }
    const int64_t num_good = (int64_t)good.size();
    const OpTensor values = context.output(0, TF_FLOAT, {total});
    const OpTensor lengths = context.output(1, TF_INT32, {num_good});
    const OpTensor places = context.output(2, TF_INT32, {num_good});
    float* out = values.data<float>();
    for (int64_t i = 0; i < num_good; ++i) {
      const int64_t draw = draws.data<const int64_t>()[good[(size_t)i]];
      const int64_t length = give(sounds[(size_t)i], draw, out);
      out += length;
      lengths.data<int32_t>()[i] = (int32_t)length;
      places.data<int32_t>()[i] = good[(size_t)i];
    }
  }

 private:
  // As sonogram.dataset.reader.fitted_to.
  int64_t give(const std::vector<float>& samples, int64_t draw, float* out) const {
    const int64_t count = (int64_t)samples.size();
    if (size_ <= 0) {
      std::copy(samples.begin(), samples.end(), out);
      return count;
    }
    const int64_t extra = std::max<int64_t>(count - size_, 0);
    const int64_t start = crop_ == "center" ? extra / 2
                          : crop_ == "random" ? ((draw % (extra + 1)) + extra + 1) % (extra + 1)
                                              : 0;
    const int64_t kept = std::min(size_, count), missing = size_ - kept;
    const int64_t before = pad_both_ ? missing / 2 : 0;
    std::fill(out, out + before, 0.0f);
    std::copy_n(samples.begin() + start, kept, out + before);
    std::fill(out + before + kept, out + size_, 0.0f);
    return size_;
  }

  bool stops_;
  int64_t size_;
  std::string crop_;
  bool pad_both_;
  SoundRequest request_;
};

class Resample {
 public:
  explicit Resample(const OpAttributes& attributes)
      : from_(attributes.integer("from_rate")), to_(attributes.integer("to_rate")) {
    if (!can_resample(from_, to_))
      throw OpError{TF_INVALID_ARGUMENT, "rates must be above 0 and at most 256 times apart; got " +
                                             std::to_string(from_) + " and " + std::to_string(to_)};
    design_ = find_design(from_, to_, kernel());
  }

  void compute(OpContext& context) const {
    const OpTensor samples = context.input(0);
    const int rank = samples.rank();
    if (rank == 0) throw OpError{TF_INVALID_ARGUMENT, "samples must be (..., samples); got a single number"};
    std::vector<int64_t> dims;
    int64_t count = 1;
    for (int axis = 0; axis < rank - 1; ++axis) {
      dims.push_back(samples.dim(axis));
      count *= dims.back();
    }
    const int64_t length = samples.dim(rank - 1), given = num_resampled(length, from_, to_);
    dims.push_back(given);
    const OpTensor values = context.output(0, TF_FLOAT, dims);
    Resampler resampler(design_);
    for (int64_t i = 0; i < count; ++i) {
      float* out = values.data<float>() + i * given;
      const int64_t done = resampler.push(samples.data<const float>() + i * length, length, out, true);
      resampler.finish(out + done);
    }
  }

 private:
  int64_t from_, to_;
  std::shared_ptr<const Design> design_;
};

}  // namespace

Op decode_op() {
  return make_op<Decode>("SonogramDecode",
                         // Rate 0: that of the file. Content 1: the source is the bytes of a file.
                         {"sample_rate: int >= 0 = 0", "mono: int = 1", "content: int = 0"},
                         {"source: string"}, {"samples: float", "rate: int32"});
}

Op decode_files_op() {
  return make_op<DecodeFiles>("SonogramDecodeFiles",
                              // Size 0: every sound at its length.
                              {"sample_rate: int >= 1", "resamples: int = 1", "stops: int = 0",
                               "size: int >= 0 = 0", "crop: string = 'start'", "pad: string = 'end'"},
                              {"paths: string", "draws: int64"},
                              {"values: float", "lengths: int32", "good: int32"});
}

Op resample_op() {
  return make_op<Resample>("SonogramResample", {"from_rate: int >= 1", "to_rate: int >= 1"},
                           {"samples: float"}, {"resampled: float"});
}
