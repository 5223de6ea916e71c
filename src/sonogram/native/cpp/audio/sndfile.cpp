// libsndfile, loaded at run time: the library that Python's soundfile brings. No header of it is needed.
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>

#include "c_stderr.h"
#include "flac.h"
#include "reader.h"
#include "sonogram_audio.h"
#include "system.h"

namespace sonogram {
namespace {

// --- the binary interface of libsndfile

struct Info {
  int64_t frames;
  int samplerate, channels, format, sections, seekable;
};

struct VirtualFile {
  int64_t (*length)(void*);
  int64_t (*seek)(int64_t, int, void*);
  int64_t (*read)(void*, int64_t, void*);
  int64_t (*write)(const void*, int64_t, void*);
  int64_t (*tell)(void*);
};

struct Library {
  void* (*open_virtual)(VirtualFile*, int mode, Info*, void* user);
  int (*close)(void*);
  int64_t (*readf_float)(void*, float*, int64_t);
  int64_t (*seek)(void*, int64_t, int);
  int (*error)(void*);
  const char* (*error_number)(int);
};

constexpr int READ_MODE = 0x10;
constexpr int UNKNOWN_FORMAT = 1, MALFORMED = 3, UNKNOWN_CODING = 4, UNIMPLEMENTED = 18;
constexpr int64_t NO_LENGTH = (int64_t)1 << 62;  // libsndfile states the largest number where there is none
constexpr int64_t ID3V1 = 128;
// After damage the FLAC decoder goes on with the next good frame, so the places of the samples of a call that
// fails are unknown. Few are lost if a call reads little.
constexpr int64_t FLAC_FRAMES = 4096;
// ADPCM and the like are decoded through a buffer of 2048 or 4096 samples, and the channels are mixed up where
// a call needs it twice and it does not hold whole frames.
constexpr int64_t BUFFERED_SAMPLES = 2048;

std::atomic<const Library*> library{nullptr};

// libsndfile stores the error of a failed opening in a variable of the process, so only one file is opened
// at a time.
std::mutex* const opening = new std::mutex;  // never destroyed: threads may outlive the statics

// After a fork the thread that opened a file is gone, and the mutex may be locked.
void renew() { new (opening) std::mutex; }

[[maybe_unused]] const int registered = after_fork(renew);

// --- virtual file for libsndfile

// The content, with `claimed` as its length.
struct View {
  Content content;
  int64_t claimed, position;
  std::optional<FlacWatch> watch;
};

int64_t view_length(void* user) { return ((View*)user)->claimed; }

int64_t view_seek(int64_t offset, int whence, void* user) {
  View& view = *(View*)user;
  const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? view.position : view.claimed;
  int64_t place;
  if (!__builtin_add_overflow(base, offset, &place) && (place >= 0 || view.claimed != view.content->size()))
    view.position = std::max<int64_t>(place, 0);
  return view.position;
}

int64_t view_read(void* to, int64_t count, void* user) {
  View& view = *(View*)user;
  int64_t at = view.position;
  if (at >= view.claimed - ID3V1) at -= view.claimed - view.content->size();  // a tag is looked for at the very end
  const int64_t got = view.content->read(std::max<int64_t>(at, 0), to, count);
  if (view.watch) view.watch->see(at, (const char*)to, got);
  view.position += got;
  return got;
}

int64_t view_write(const void*, int64_t, void*) { return 0; }
int64_t view_tell(void* user) { return ((View*)user)->position; }

std::string reason_of(int code) {
  std::string text = library.load()->error_number(code);
  if (text.rfind("Error : ", 0) == 0) text.erase(0, 8);
  while (!text.empty() && text.back() == '.') text.pop_back();
  if (text.rfind("File does not exist", 0) == 0) return "no MP3 frames found";  // it was opened
  if (text == "Internal psf_fseek() failed") return "no frame holds the wanted sample";
  return text == "Unspecified internal error" ? "its decoder failed" : text;
}

bool begins_with(const Bytes& bytes, std::initializer_list<const char*> tags) {
  return std::any_of(tags.begin(), tags.end(), [&](const char* tag) { return bytes.has(0, tag); });
}

class Sndfile : public SoundReader {
 public:
  Sndfile(Content content, int64_t claimed) {
    // Formats that libsndfile must read: if they are broken, no other decoder is tried.
    const bool own = begins_with(*content, {"RIFF", "RIFX", "RF64", "FORM", "caff", "fLaC", ".snd"});
    const CStderr silent(!own && !begins_with(*content, {"OggS"}));  // the MP3 decoder prints notes
    Info info;
    if (const int code = open(&info, content, claimed ? claimed : content->size())) {
      const bool known = own && code != UNKNOWN_FORMAT && code != UNKNOWN_CODING && code != UNIMPLEMENTED;
      throw SoundError{known || code == MALFORMED ? CORRUPT : UNKNOWN, {reason_of(code)}};
    }
    frames = info.frames >= NO_LENGTH ? -1 : info.frames;
    format = info.format;
    is_mp3_ = (format & CONTAINER) == MPEG;
    is_buffered_ = (format & CODING) > A_LAW && (format & CODING) < VORBIS;
    if (info.samplerate < 1 || info.channels < 1) {
      library.load()->close(file_);
      throw SoundError{CORRUPT, {"its header states no sample rate or no channels"}};
    }
    sample_rate = info.samplerate;
    channels = info.channels;
    // Other codings keep state between frames, so only decoding from the start is sample-exact (libsndfile's
    // seek is wrong near the end of Ogg Vorbis, in the last bits of MP3, and anywhere in GSM and ADPCM).
    seeks = frames >= 0 && (format & CODING) <= A_LAW && (format & CONTAINER) != OGG;
  }

  ~Sndfile() override { library.load()->close(file_); }

  int64_t read(float* out, int64_t count) override {
    const CStderr silent(is_mp3_);
    if (failed_) throw SoundError{CORRUPT, {reason_of(failed_)}};
    const bool is_flac = (format & CONTAINER) == FLAC;
    if (is_flac) count = std::min(count, FLAC_FRAMES);
    if (is_buffered_) count = std::clamp<int64_t>(BUFFERED_SAMPLES / channels, 1, count);
    int64_t got = library.load()->readf_float(file_, out, count);
    failed_ = library.load()->error(file_);
    if ((got <= 0 || is_flac) && failed_) throw SoundError{CORRUPT, {reason_of(failed_)}};
    if (is_flac) got = before_gap(got);
    return got;
  }

  void seek(int64_t frame) override {
    library.load()->seek(file_, frame, SEEK_SET);
    position_ = frame;
    if (const int code = library.load()->error(file_)) throw SoundError{CORRUPT, {reason_of(code)}};
  }

 private:
  // How many of the frames that were read precede the first missing one.
  int64_t before_gap(int64_t got) {
    const int64_t gap = view_.watch ? view_.watch->gap() : -1;
    if (gap >= 0 && gap < position_ + got) {
      got = std::max<int64_t>(0, gap - position_);
      if (got == 0) throw SoundError{GAP, {seconds_of(gap, sample_rate)}};
    }
    position_ += got;
    return got;
  }

  // 0, or libsndfile's error number.
  int open(Info* info, Content content, int64_t claimed) {
    static VirtualFile calls = {view_length, view_seek, view_read, view_write, view_tell};
    view_ = {std::move(content), claimed, 0, {}};
    if (const auto facts = flac_facts(*view_.content)) view_.watch.emplace(view_.content, *facts);
    *info = Info{};
    const std::lock_guard<std::mutex> lock(*opening);
    file_ = library.load()->open_virtual(&calls, READ_MODE, info, &view_);
    return file_ ? 0 : std::max(1, library.load()->error(nullptr));
  }

  View view_;
  void* file_ = nullptr;
  bool is_mp3_ = false, is_buffered_ = false;
  int64_t position_ = 0;  // in a FLAC file
  int failed_ = 0;  // what follows the last samples
};

}  // namespace

Reader open_sndfile(Content content, int64_t claimed) {
  if (library.load() == nullptr) throw SoundError{NO_LIBSNDFILE, {}};
  return std::make_unique<Sndfile>(std::move(content), claimed);
}

}  // namespace sonogram

using namespace sonogram;

int32_t sonogram_use_sndfile(const char* path) {
  void* handle = load_library(path);
  if (handle == nullptr) return 1;
  static Library found;
  const auto find = [&](auto& function, const char* name) {
    function = (std::decay_t<decltype(function)>)find_symbol(handle, name);
    return function != nullptr;
  };
  Library made;
  if (!find(made.open_virtual, "sf_open_virtual") || !find(made.close, "sf_close") ||
      !find(made.readf_float, "sf_readf_float") || !find(made.seek, "sf_seek") ||
      !find(made.error, "sf_error") || !find(made.error_number, "sf_error_number"))
    return 1;
  if (library.load() != nullptr) return 0;
  found = made;
  library.store(&found);
  return 0;
}
