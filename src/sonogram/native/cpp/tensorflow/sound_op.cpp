// The ops for sound: decode a file, decode some at a time, change a rate.
#include <string.h>

#include <algorithm>

#include "dispatch.h"
#include "resample.h"
#include "sound.h"
#include "tensorflow_op.h"

namespace sonogram {
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
    request_.partial = attributes.integer("partial") != 0;
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

// Files of a data set, cut to one length if wanted, up to the first one that cannot be read or has another
// rate: the caller reads all of them in another way, which may succeed or say what is wrong.
class DecodeFiles {
 public:
  explicit DecodeFiles(const OpAttributes& attributes)
      : size_(attributes.integer("size")),
        crop_(attributes.string("crop")),
        pad_both_(attributes.string("pad") == "both") {
    request_.sample_rate = attributes.integer("sample_rate");
    request_.resamples = false;
  }

  void compute(OpContext& context) const {
    const OpTensor paths = context.input(0), draws = context.input(1);
    const int64_t count = paths.elements();
    if (draws.elements() != count)
      throw OpError{TF_INVALID_ARGUMENT, "there must be one random number for each file"};
    std::vector<std::vector<float>> sounds;
    int64_t total = 0;
    try {
      while ((int64_t)sounds.size() < count) {
        sounds.push_back(std::move(read(paths.text((int64_t)sounds.size()), false, request_).planes[0]));
        total += size_ > 0 ? size_ : (int64_t)sounds.back().size();
      }
    } catch (const SoundError&) {
    }
    const OpTensor values = context.output(0, TF_FLOAT, {total});
    const OpTensor lengths = context.output(1, TF_INT32, {(int64_t)sounds.size()});
    float* out = values.data<float>();
    for (size_t i = 0; i < sounds.size(); ++i) {
      const int64_t length = give(sounds[i], draws.data<const int64_t>()[i], out);
      out += length;
      lengths.data<int32_t>()[i] = (int32_t)length;
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
    for (int64_t i = 0; i < count; ++i)
      resampler.whole(samples.data<const float>() + i * length, length, values.data<float>() + i * given);
  }

 private:
  int64_t from_, to_;
  std::shared_ptr<const Design> design_;
};

}  // namespace

Op decode_op() {
  return make_op<Decode>("SonogramDecode",
                         // Rate 0: that of the file. Content 1: the source is the bytes of a file. Partial 1: a
                         // truncated sound is read as far as it goes.
                         {"sample_rate: int >= 0 = 0", "mono: int = 1", "content: int = 0", "partial: int = 0"},
                         {"source: string"}, {"samples: float", "rate: int32"});
}

Op decode_files_op() {
  return make_op<DecodeFiles>("SonogramDecodeFiles",
                              // Size 0: every sound at its length.
                              {"sample_rate: int >= 1", "size: int >= 0 = 0", "crop: string = 'start'",
                               "pad: string = 'end'"},
                              {"paths: string", "draws: int64"}, {"values: float", "lengths: int32"});
}

Op resample_op() {
  return make_op<Resample>("SonogramResample", {"from_rate: int >= 1", "to_rate: int >= 1"},
                           {"samples: float"}, {"resampled: float"});
}

}  // namespace sonogram
