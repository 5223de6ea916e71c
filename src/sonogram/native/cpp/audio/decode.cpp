// The same steps, in the same order, with the same words as sonogram/audio/read.py.
#include "decode.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <algorithm>
#include <new>
#include <vector>

#include "dispatch.h"
#include "promise.h"
#include "resample.h"
#include "sonogram_audio.h"
#include "wav.h"

namespace {

constexpr int64_t CHUNK = 1 << 16;

std::string text(const char* format, double value) {
  char buffer[64];
  snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

SoundError broken(const std::string& message) { return {SOUND_BROKEN, message}; }

// Memory that grows by halves: what a header promises is not believed.
class Growing {
 public:
  float* room(int64_t count) {
    if (size_ + count > capacity_) resize(std::max(size_ + count, capacity_ + capacity_ / 2));
    return memory_.get() + size_;
  }
  void add(int64_t count) { size_ += count; }
  int64_t size() const { return size_; }
  const float* data() const { return memory_.get(); }
  std::unique_ptr<float, Release> take() {
    if (capacity_ > size_) resize(std::max<int64_t>(size_, 1));
    return std::move(memory_);
  }

 private:
  void resize(int64_t capacity) {
    float* grown = (float*)realloc(memory_.get(), (size_t)capacity * sizeof(float));
    if (grown == nullptr) throw std::bad_alloc();
    memory_.release();
    memory_.reset(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<float, Release> memory_;
  int64_t size_ = 0, capacity_ = 0;
};

// One channel of the result.
class Channel {
 public:
  explicit Channel(std::shared_ptr<const Design> design) {
    if (design) resampler_ = std::make_unique<Resampler>(std::move(design));
  }
  void take(const float* samples, int64_t count) {
    if (resampler_) {
      values.add(resampler_->push(samples, count, values.room(resampler_->room(count)), true));
    } else {
      memcpy(values.room(count), samples, (size_t)count * sizeof(float));
      values.add(count);
    }
  }
  void finish() {
    if (resampler_) values.add(resampler_->finish(values.room(resampler_->room(0))));
  }

  Growing values;

 private:
  std::unique_ptr<Resampler> resampler_;
};

// The mean over channels, in place.
void mix(float* frames, int64_t count, int32_t channels) {
  for (int64_t i = 0; i < count; ++i) {
    float total = frames[i * channels];
    for (int32_t c = 1; c < channels; ++c) total += frames[i * channels + c];
    frames[i] = total / (float)channels;
  }
}

bool all_finite(const float* values, int64_t count) {
  uint32_t found = 0;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    memcpy(&bits, values + i, 4);
    found |= (uint32_t)((bits & 0x7F800000) == 0x7F800000);
  }
  return found == 0;
}

class Decoding {
 public:
  Decoding(SoundReader* reader, const SoundRequest& request) : reader_(*reader), request_(request) {}

  Sound run(const Kernel* kernel) {
    const int32_t channels = request_.mono ? 1 : reader_.channels;
    const int64_t rate = request_.sample_rate ? request_.sample_rate : reader_.sample_rate;
    if (!can_resample(reader_.sample_rate, rate))
      throw broken("states a rate of " + std::to_string(reader_.sample_rate) + " Hz, too far from the wanted " +
                   std::to_string(rate) + " Hz to resample; correct its header, or read it at its own rate");
    if (rate != reader_.sample_rate && !request_.resamples)
      throw SoundError{SOUND_FOREIGN, "has another rate than the wanted " + std::to_string(rate) +
                                          " Hz; resample it"};
    find_part();
    std::shared_ptr<const Design> design;
    if (rate != reader_.sample_rate) design = find_design(reader_.sample_rate, rate, kernel);
    std::vector<Channel> result;
    for (int32_t c = 0; c < channels; ++c) result.emplace_back(design);
    if (reader_.channels == 1 && !design) read_into(result[0].values);
    else read_through(result);
    Sound sound;
    sound.sample_rate = (int32_t)rate;
    sound.channels = channels;
    gather(result, &sound);
    return sound;
  }

 private:
  // Where the wanted part begins and ends, as round() has it: ties to even.
  void find_part() {
    if (reader_.frames == 0) throw no_samples();
    const double rate = reader_.sample_rate;
    const double begin = nearbyint(request_.offset * rate);
    const double count = fmax(1, nearbyint(request_.duration * rate));
    constexpr double FAR = 4e18;
    start_ = begin < FAR ? (int64_t)begin : (int64_t)FAR;
    stop_ = request_.duration < 0 || (double)start_ + count >= FAR ? INT64_MAX : start_ + (int64_t)count;
    if (reader_.frames < 0) return;
    if (start_ >= reader_.frames) throw beyond();
    stop_ = std::min(stop_, reader_.frames);
  }

  // One channel at its own rate needs no other memory.
  void read_into(Growing& values) {
    if (reader_.finite) values.room(stop_ - start_);  // they are there
    pass([&](int64_t count) { return values.room(count); },
         [&](float* frames, int64_t skip, int64_t count) {
           if (skip > 0) memmove(frames, frames + skip, (size_t)count * sizeof(float));
           values.add(count);
         });
  }

  void read_through(std::vector<Channel>& result) {
    std::vector<float> frames, plane;
    const int32_t channels = reader_.channels;
    pass(
        [&](int64_t count) {
          frames.resize((size_t)(count * channels));
          return frames.data();
        },
        [&](float* read, int64_t skip, int64_t count) {
          read += skip * channels;
          if (result.size() == 1) {
            if (channels > 1) mix(read, count, channels);
            result[0].take(read, count);
            return;
          }
          plane.resize((size_t)count);
          for (int32_t c = 0; c < channels; ++c) {
            for (int64_t i = 0; i < count; ++i) plane[(size_t)i] = read[i * channels + c];
            result[(size_t)c].take(plane.data(), count);
          }
        });
    for (Channel& channel : result) channel.finish();
  }

  // Reads all pieces of the wanted part: room(count) says where to, take(frames, skip, count) has them.
  template <class Room, class Take>
  void pass(const Room& room, const Take& take) {
    const int32_t channels = reader_.channels;
    const int64_t step = std::max<int64_t>(1, CHUNK / std::max(1, channels / 4));
    int64_t position = 0, wanted = start_;
    if (start_ > 0 && reader_.seeks) {
      reader_.seek(start_);
      position = start_;
    }
    while (position < stop_) {
      const int64_t most = std::min(step, stop_ - position);
      float* frames = room(most);
      const int64_t count = reader_.read(frames, most);
      if (count <= 0) break;
      const int64_t skip = std::clamp<int64_t>(start_ - position, 0, count);
      position += count;
      if (skip == count) continue;
      check_finite(frames + skip * channels, count - skip, wanted);
      wanted += count - skip;
      take(frames, skip, count - skip);
    }
    if (reader_.frames >= 0 && stop_ < INT64_MAX && position < stop_ - reader_.slack)
      throw broken("truncated: its header promises " + std::to_string(reader_.frames) + " samples and only " +
                   std::to_string(position) + " could be decoded; copy or download it again");
    if (wanted > start_) return;
    if (start_ == 0) throw no_samples();
    throw beyond();
  }

  void check_finite(const float* frames, int64_t count, int64_t position) const {
    const int64_t channels = reader_.channels;
    if (reader_.finite || all_finite(frames, count * channels)) return;
    int64_t first = 0;
    while (all_finite(frames + first, 1)) ++first;
    throw broken("a sample at " + text("%.6g", (double)(position + first / channels) / reader_.sample_rate) +
                 " s is not finite (NaN or infinite); export it again or repair it; the parts beside it "
                 "can be read by offset");
  }

  static void gather(std::vector<Channel>& result, Sound* sound) {
    sound->count = result[0].values.size();
    if (result.size() == 1) {
      sound->samples = result[0].values.take();
      return;
    }
    Growing all;
    for (Channel& channel : result) {
      const int64_t count = channel.values.size();
      memcpy(all.room(count), channel.values.data(), (size_t)count * sizeof(float));
      all.add(count);
      channel.values.take();
    }
    sound->samples = all.take();
  }

  static SoundError no_samples() { return broken("holds no samples; record or export it again"); }

  SoundError beyond() const {
    const std::string end =
        reader_.frames < 0 ? "" : " at " + text("%g", (double)reader_.frames / reader_.sample_rate) + " s";
    return broken("ends" + end + ", before the offset of " + text("%g", request_.offset) +
                  " s; lower the offset");
  }

  SoundReader& reader_;
  const SoundRequest& request_;
  int64_t start_ = 0, stop_ = 0;
};

void open_bytes(const std::string& path, Bytes* bytes) {
  if (path.find('\0') != std::string::npos)
    throw broken("cannot be opened (embedded null byte); check the path");
  bool other = false;
  const std::string problem = bytes->open(path.c_str(), &other);
  if (!problem.empty()) throw SoundError{other ? SOUND_FOREIGN : SOUND_BROKEN, problem};
  const size_t dot = path.rfind('.');
  if (dot != std::string::npos && strcasecmp(path.c_str() + dot, ".raw") == 0)
    throw SoundError{SOUND_FOREIGN, "holds samples without a header; convert it to WAV"};
}

std::unique_ptr<SoundReader> open_reader(const Bytes& bytes) {
  if (bytes.size() == 0) throw broken("is empty (0 bytes); copy or record it again");
  if (SoundReader* plain = open_plain_wav(bytes)) return std::unique_ptr<SoundReader>(plain);
  const std::string missing = broken_promise(bytes);
  if (!missing.empty()) throw broken("truncated: " + missing + "; copy or download it again");
  return std::unique_ptr<SoundReader>(open_sndfile(bytes));
}

}  // namespace

Sound decode(const std::string& path, const void* content, int64_t size, const SoundRequest& request,
             const Kernel* kernel) {
  try {
    Bytes bytes;
    if (content) bytes.borrow(content, size);
    else open_bytes(path, &bytes);
    const std::unique_ptr<SoundReader> reader = open_reader(bytes);
    return Decoding(reader.get(), request).run(kernel);
  } catch (SoundError& error) {
    if (error.problem == SOUND_UNKNOWN)
      error.message = "not a sound that libsndfile can read (" + error.message +
                      "); name a sound file, or re-export this one as WAV or FLAC";
    error.message = (content ? "<bytes>" : path) + ": " + error.message;
    std::replace(error.message.begin(), error.message.end(), '\n', ' ');
    std::replace(error.message.begin(), error.message.end(), '\0', '?');
    throw;
  }
}

int32_t sonogram_decode(const sonogram_request* request, sonogram_sound* sound) {
  *sound = sonogram_sound{};
  std::string message = "ran out of memory";
  int32_t problem = SOUND_FOREIGN;
  try {
    const Kernel* kernel = find_kernel(request->isa);
    if (kernel == nullptr) throw std::bad_alloc();
    SoundRequest wanted;
    wanted.sample_rate = request->sample_rate;
    wanted.mono = request->mono != 0;
    wanted.offset = request->offset;
    wanted.duration = request->duration;
    const std::string path = request->path ? request->path : "";
    Sound decoded = decode(path, request->content, request->size, wanted, kernel);
    sound->samples = decoded.samples.release();
    sound->count = decoded.count;
    sound->channels = decoded.channels;
    sound->sample_rate = decoded.sample_rate;
    return 0;
  } catch (const SoundError& error) {
    problem = error.problem;
    message = error.message;
  } catch (const std::bad_alloc&) {
  }
  sound->message = strdup(message.c_str());
  return problem;
}

void sonogram_release(void* memory) { free(memory); }
