#include "sound.h"

#include <string.h>

#include <algorithm>
#include <memory>
#include <new>

#include "declared_size.h"
#include "resample.h"
#include "sonogram_audio.h"

namespace sonogram {
namespace {

constexpr int64_t CHUNK = 1 << 16;
constexpr size_t MOST_JOINED = 10000;

int64_t chunk_frames(int32_t channels) { return std::max<int64_t>(1, CHUNK / std::max(1, channels / 4)); }

bool all_finite(const float* values, int64_t count) {
  uint32_t found = 0;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    memcpy(&bits, values + i, 4);
    found |= (uint32_t)((bits & 0x7F800000) == 0x7F800000);
  }
  return found == 0;
}

void mix(const float* frames, int64_t count, int32_t channels, float* out) {
  if (channels == 2) {  // as below, and a loop that compilers turn into vectors
    for (int64_t i = 0; i < count; ++i) out[i] = (frames[2 * i] + frames[2 * i + 1]) / 2;
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    float total = frames[i * channels];
    for (int32_t c = 1; c < channels; ++c) total += frames[i * channels + c];
    out[i] = total / (float)channels;
  }
}

void split(const float* frames, int64_t count, int32_t channels, float* out, int64_t stride) {
  if (channels == 2) {
    for (int64_t i = 0; i < count; ++i) out[i] = frames[2 * i];
    for (int64_t i = 0; i < count; ++i) out[stride + i] = frames[2 * i + 1];
    return;
  }
  for (int32_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < count; ++i) out[c * stride + i] = frames[i * channels + c];
}

bool is_any(const Bytes& bytes, int64_t position, std::initializer_list<const char*> tags) {
  return std::any_of(tags.begin(), tags.end(), [&](const char* tag) { return bytes.has(position, tag); });
}

// Containers that may hold MPEG audio frames among other data.
bool is_other_container(const Bytes& bytes) {
  return is_any(bytes, 4, {"ftyp", "moov", "mdat", "free", "wide", "skip"}) ||
         is_any(bytes, 0, {"\x1A\x45\xDF\xA3", "FLV", "\x30\x26\xB2\x75", "RIFF", "G@"}) ||
         bytes.text(0, 4) == std::string("\0\0\1\xBA", 4);
}

}  // namespace

void MixLevels::add(const float* frames, int64_t count, int32_t channels) {
  constexpr int64_t STEP = 61;  // few samples take no time; prime, so that a tone does not always have one phase
  for (int64_t i = 0; i < count; i += STEP) {
    double total = 0, power = 0;
    for (int32_t c = 0; c < channels; ++c) {
      const double value = frames[i * channels + c];
      total += value;
      power += value * value;
    }
    power_ += power / channels;
    mixed_power_ += total * total / ((double)channels * channels);
    ++count_;
  }
}

double MixLevels::loss() const {
  constexpr double SILENCE = 1e-8;  // -80 dB of full scale: below that rounding decides
  if (count_ == 0 || power_ < SILENCE * (double)count_) return 1;
  return power_ / std::max(mixed_power_, 1e-20 * power_);
}

namespace {

Reader open_one(Content content) {
  if (content->size() == 0) throw SoundError{EMPTY, {}};
  const auto is_sync = [](const Bytes& bytes, int64_t at) { return (bytes.number(at, 2, true) & 0xFFE0) == 0xFFE0; };
  if (const int64_t start = after_id3v2(*content, 0); start > 0) {
    const bool other = is_any(*content, start, {"RIFF", "RIFX", "RF64", "BW64", "FORM", "caff", ".snd", "OggS", "fLaC"});
    if (!other)
      if (Reader reader = open_mp3(content, !is_sync(*content, start))) return reader;
    // libsndfile skips the tag and then loses as many bytes at the end, or refuses the file.
    auto rest = std::make_shared<Spliced>(content);
    rest->add(start, content->size());
    content = rest;
  }
  if (is_any(*content, 0, {"RIFF", "RIFX", "RF64", "BW64"}) && content->has(8, "WAVE")) return open_wav(content);
  if (content->has(0, "OggS")) return open_ogg(content);
  if (is_sync(*content, 0))
    if (Reader reader = open_mp3(content, false)) return reader;
  Ending ending;
  const Content fixed = with_true_size(content, &ending);
  Reader reader;
  try {
    reader = open_sndfile(fixed);
  } catch (const SoundError& error) {
    if (error.problem != UNKNOWN) throw;
    if (is_other_container(*content)) {
      SoundError unknown = error;  // another decoder may read it, and has no notice of what is missing
      if (ending.truncated)
        for (const std::string& detail : ending.truncated->details) unknown.details.push_back(detail);
      throw unknown;
    }
    reader = open_mp3(content, true);
    if (!reader) throw;
  }
  reader->ending = ending;
  return reader;
}

}  // namespace

Reader open_sound(Content content) {
  std::vector<Reader> files;  // joined ones
  for (int64_t start = 0, next = 1; next && files.size() < MOST_JOINED; start += next) {
    auto rest = std::make_shared<Spliced>(content);
    rest->add(start, content->size());
    files.push_back(open_one(start ? rest : content));
    next = files.back()->ending.next;
  }
  return chained(std::move(files));
}

void SoundStream::go_to(int64_t frame) {
  if (reader_->seeks && frame > position_) {
    reader_->seek(frame);
    position_ = frame;
  }
  const int64_t step = chunk_frames(reader_->channels);
  while (position_ < frame) {
    frames_.resize((size_t)(step * reader_->channels));
    const int64_t got = reader_->read(frames_.data(), std::min(step, frame - position_));
    if (got <= 0) return;
    position_ += got;
  }
}

int64_t SoundStream::read(float* out, int64_t stride, int64_t count, bool mono) {
  if (failed_) throw *failed_;
  const int32_t channels = reader_->channels;
  if (reader_->frames >= 0) count = std::min(count, reader_->frames - position_);
  const int64_t step = chunk_frames(channels);
  int64_t done = 0;
  while (done < count) {
    const int64_t most = std::min(step, count - done);
    if (channels > 1) frames_.resize((size_t)(step * channels));
    float* frames = channels > 1 ? frames_.data() : out + done;
    int64_t got = 0;
    try {
      got = reader_->read(frames, most);
      check_finite(frames, got);
    } catch (const SoundError& error) {
      failed_ = error;
      break;
    }
    if (got <= 0) break;
    if (channels > 1 && mono) {
      mix(frames, got, channels, out + done);
      levels_.add(frames, got, channels);
    } else if (channels > 1) split(frames, got, channels, out + done, stride);
    position_ += got;
    done += got;
  }
  if (!failed_ && reader_->frames >= 0 && done < count && position_ < reader_->frames - reader_->slack)
    failed_ = SoundError{TRUNCATED_SAMPLES, {std::to_string(reader_->frames), std::to_string(position_)}};
  if (failed_ && done == 0) throw *failed_;
  return done;
}

void SoundStream::check_finite(const float* frames, int64_t count) const {
  const int64_t channels = reader_->channels;
  if (reader_->finite || all_finite(frames, count * channels)) return;
  int64_t first = 0;
  while (all_finite(frames + first, 1)) ++first;
  throw SoundError{NOT_FINITE, {seconds_of(position_ + first / channels, reader_->sample_rate)}};
}

Sound decode(const Content& content, const SoundRequest& request, const Kernel* kernel) {
  SoundStream stream(content);
  if (stream.facts().ending.truncated && !request.partial) throw *stream.facts().ending.truncated;
  const int64_t from = stream.facts().sample_rate, to = request.sample_rate ? request.sample_rate : from;
  const bool other = from != to;
  if (!can_resample(from, to) || (other && !request.resamples))
    throw SoundError{RATES_APART, {std::to_string(from), std::to_string(to)}};
  Sound sound;
  sound.sample_rate = (int32_t)to;
  sound.planes.resize(request.mono ? 1 : (size_t)stream.facts().channels);
  std::vector<Resampler> resamplers;
  for (size_t c = 0; other && c < sound.planes.size(); ++c) resamplers.emplace_back(find_design(from, to, kernel));
  const int64_t frames = chunk_frames((int32_t)sound.planes.size());
  std::vector<float> chunk(sound.planes.size() * (size_t)frames);
  int64_t total = 0;
  const auto next = [&] {
    try {
      return stream.read(chunk.data(), frames, frames, request.mono);
    } catch (const SoundError& error) {
      const bool ends = error.problem == CORRUPT || error.problem == TRUNCATED_SAMPLES || error.problem == GAP;
      if (!request.partial || total == 0 || !ends) throw;
      return (int64_t)0;
    }
  };
  for (int64_t got; (got = next()) > 0; total += got)
    for (size_t c = 0; c < sound.planes.size(); ++c) {
      std::vector<float>& plane = sound.planes[c];
      const float* samples = chunk.data() + c * (size_t)frames;
      const size_t size = plane.size();
      if (!other) {
        plane.insert(plane.end(), samples, samples + got);
        continue;
      }
      plane.resize(size + (size_t)resamplers[c].max_output(got));
      plane.resize(size + (size_t)resamplers[c].push(samples, got, plane.data() + size, true));
    }
  if (total == 0) throw SoundError{NO_SAMPLES, {}};
  for (size_t c = 0; c < resamplers.size(); ++c) {
    std::vector<float>& plane = sound.planes[c];
    const size_t size = plane.size();
    plane.resize(size + (size_t)resamplers[c].max_output(0));
    plane.resize(size + (size_t)resamplers[c].finish(plane.data() + size));
  }
  return sound;
}

}  // namespace sonogram

using namespace sonogram;

// --- the C interface

namespace {

void describe(const SoundError& error, sonogram_problem* problem) {
  problem->code = error.problem;
  std::string details;
  for (const std::string& detail : error.details) details += (details.empty() ? "" : "\n") + detail;
  details.copy(problem->details, sizeof problem->details - 1);
}

// Runs and returns 0, or fills `problem` and returns its code.
template <class Run>
int32_t guarded(sonogram_problem* problem, const Run& run) {
  *problem = sonogram_problem{};
  try {
    run();
    return NO_PROBLEM;
  } catch (const SoundError& error) {
    describe(error, problem);
  } catch (const std::bad_alloc&) {
    problem->code = OUT_OF_MEMORY;
  }
  return problem->code;
}

}  // namespace

int32_t sonogram_sound_open(const sonogram_source* source, sonogram_sound* sound, sonogram_problem* problem) {
  *sound = sonogram_sound{};
  return guarded(problem, [&] {
    const Content content = source->content ? content_in_memory(source->content, source->size)
                            : source->read  ? content_of_callback(source->read, source->size)
                                            : content_of_descriptor(source->descriptor);
    auto stream = std::make_unique<SoundStream>(content);
    const SoundReader& facts = stream->facts();
    sound->num_samples = facts.frames;
    sound->expected = facts.frames >= 0 ? facts.frames : facts.expected;
    sound->size = content->size();
    sound->sample_rate = facts.sample_rate;
    sound->channels = facts.channels;
    sound->format = facts.format;
    sound->not_closed = facts.ending.not_closed;
    sound->truncated = facts.ending.truncated.has_value();
    if (sound->truncated) describe(*facts.ending.truncated, problem);
    sound->stream = stream.release();
  });
}

int64_t sonogram_sound_read(void* stream, float* out, int64_t stride, int64_t count, int32_t mono,
                            sonogram_problem* problem) {
  int64_t done = 0;
  const auto run = [&] { done = ((SoundStream*)stream)->read(out, stride, count, mono != 0); };
  return guarded(problem, run) == NO_PROBLEM ? done : -1;
}

int32_t sonogram_sound_go_to(void* stream, int64_t frame, sonogram_problem* problem) {
  return guarded(problem, [&] { ((SoundStream*)stream)->go_to(frame); });
}

double sonogram_sound_mix_loss(void* stream) { return ((SoundStream*)stream)->levels().loss(); }

void sonogram_sound_close(void* stream) { delete (SoundStream*)stream; }
