// Other rates and decoding, on sounds and damage drawn at random.
//
//     soundtest ROUNDS LIBSNDFILE FILE...     ("-" where there is no libsndfile: plain WAV alone is read)
//
// Python is left out, so that it runs under sanitizers and on emulated processors. Contents, samples and
// results stand in memory of just their size: one step beyond is caught.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sonogram_audio.h"

namespace {

using Floats = std::vector<float>;
using Content = std::vector<char>;

thread_local std::mt19937 generator;

int64_t draw(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(generator); }

void check(bool good, const std::string& what) {
  if (good) return;
  fprintf(stderr, "%s\n", what.c_str());
  exit(1);
}

std::vector<std::string> isas() {
  std::vector<std::string> names;
  std::string all = sonogram_isas();
  for (size_t begin = 0; begin < all.size();) {
    const size_t end = std::min(all.find(", ", begin), all.size());
    names.push_back(all.substr(begin, end - begin));
    begin = end + 2;
  }
  return names;
}

void append(Floats& all, const std::unique_ptr<float[]>& piece, int64_t count) {
  all.insert(all.end(), piece.get(), piece.get() + count);
}

void push(sonogram_resampler* resampler, const float* samples, int64_t count, Floats& result) {
  const std::unique_ptr<float[]> out(new float[(size_t)sonogram_resampler_max_output(resampler, count)]);
  append(result, out, sonogram_resampler_push(resampler, samples, count, out.get()));
}

void finish(sonogram_resampler* resampler, Floats& result) {
  const std::unique_ptr<float[]> out(new float[(size_t)sonogram_resampler_max_output(resampler, 0)]);
  append(result, out, sonogram_resampler_finish(resampler, out.get()));
}

Floats at_once(sonogram_resampler* resampler, const Floats& sound) {
  const int64_t size = (int64_t)sound.size(), count = sonogram_resampler_max_output(resampler, size);
  const std::unique_ptr<float[]> out(new float[(size_t)count]);
  check(sonogram_resampler_whole(resampler, sound.data(), size, out.get()) == count, "another number of samples");
  return Floats(out.get(), out.get() + count);
}

Floats in_pieces(sonogram_resampler* resampler, const Floats& sound) {
  Floats result;
  for (size_t done = 0; done < sound.size();) {
    const size_t count = std::min((size_t)draw(0, 1 + 2 * (int64_t)sound.size() / 3), sound.size() - done);
    const std::unique_ptr<float[]> piece(new float[count]);
    std::copy_n(sound.begin() + (long)done, count, piece.get());
    push(resampler, piece.get(), (int64_t)count, result);
    done += count;
  }
  finish(resampler, result);
  return result;
}

void resample_once() {
  static const int64_t rates[] = {1, 2, 3, 8000, 11025, 16000, 16001, 22050, 44100, 44101, 48000, 96000};
  int64_t from = rates[draw(0, 11)], to = rates[draw(0, 11)];
  if (std::max(from, to) > 256 * std::min(from, to)) {
    check(sonogram_resampler_create(from, to, nullptr) == nullptr, "rates that far apart are refused");
    from = to = 3;
  }
  const std::string pair = std::to_string(from) + " to " + std::to_string(to);
  Floats sound((size_t)draw(0, draw(0, 1) ? 100 : 4000));
  const double step = 0.8 * M_PI * (double)std::min(from, to) / (double)from * (double)draw(1, 100) / 100;
  for (size_t i = 0; i < sound.size(); ++i) sound[i] = (float)cos(step * (double)i);
  const int64_t count = sonogram_num_resampled((int64_t)sound.size(), from, to);
  Floats first;
  for (const std::string& isa : isas()) {
    sonogram_resampler* resampler = sonogram_resampler_create(from, to, isa.c_str());
    const Floats whole = at_once(resampler, sound);
    check((int64_t)whole.size() == count, "another number of samples: " + pair);
    for (int again = 0; again < 2; ++again)
      check(in_pieces(resampler, sound) == whole, "pieces differ from the whole: " + pair + ", " + isa);
    sonogram_resampler_destroy(resampler);
    if (first.empty()) first = whole;
    const double out_step = step * (double)from / (double)to;
    const int64_t margin = 80 * to / std::min(from, to) + 1;  // reach of the silence at both ends
    for (int64_t i = 0; i < count; ++i) {
      check(fabs(whole[(size_t)i] - first[(size_t)i]) < 1e-5, "instruction sets differ: " + pair + ", " + isa);
      if (i < margin || i >= count - margin) continue;
      check(fabs(whole[(size_t)i] - cos(out_step * (double)i)) < 1e-4, "a tone is not what it was: " + pair);
    }
  }
}

thread_local const Content* called;

int64_t read_at(int64_t position, void* to, int64_t count) {
  count = std::min(count, (int64_t)called->size() - position);
  memcpy(to, called->data() + position, (size_t)count);
  return count;
}

void decode_once(const Content& whole, bool damaged) {
  Content content = whole;
  if (damaged) {
    const int64_t top = draw(0, 1) ? 63 : (int64_t)content.size() - 1;
    for (int64_t i = draw(0, 8); i > 0; --i) content[(size_t)draw(0, top)] = (char)draw(0, 255);
    if (draw(0, 1)) content.resize((size_t)draw(0, (int64_t)content.size()));
    if (draw(0, 7) == 0) content.insert(content.end(), whole.begin(), whole.end());
    if (draw(0, 7) == 0) content.insert(content.begin(), {'I', 'D', '3', 4, 0, 0, 0, 0, 0, (char)draw(0, 40)});
  }
  const std::unique_ptr<char[]> exact(new char[content.size()]);
  std::copy(content.begin(), content.end(), exact.get());
  sonogram_source source = {};
  if (draw(0, 1)) source.content = exact.get();
  else source.read = read_at;
  called = &content;
  source.size = (int64_t)content.size();
  sonogram_sound sound;
  sonogram_problem problem;
  const int32_t code = sonogram_sound_open(&source, &sound, &problem);
  check(damaged || code == 0, std::string("a sound is not read: ") + problem.details);
  check((code == 0) == (sound.stream != nullptr), "a stream or a problem");
  if (code != 0) return;
  check(sound.channels > 0 && sound.sample_rate > 0, "a sound without channels or rate");
  const int64_t piece = draw(1, 5000);
  const bool mono = draw(0, 1);
  const std::unique_ptr<float[]> out(new float[(size_t)(piece * (mono ? 1 : sound.channels))]);
  int64_t count = draw(0, 3) == 0 ? sonogram_sound_go_to(sound.stream, draw(0, 4000), &problem) : 0;
  for (int64_t left = 200; left > 0 && count >= 0; --left) {
    count = sonogram_sound_read(sound.stream, out.get(), piece, piece, mono, &problem);
    if (count == 0) break;
    for (int64_t c = 0; c < (mono ? 1 : sound.channels); ++c)
      for (int64_t i = 0; i < count; ++i)
        check(std::isfinite(out[(size_t)(c * piece + i)]) || mono, "a sample that is not finite");
  }
  check(damaged || count == 0, std::string("a sound is not read: ") + problem.details);
  sonogram_sound_close(sound.stream);
}

void work(unsigned seed, int rounds, const std::vector<Content>& contents) {
  generator.seed(seed);
  for (int i = 0; i < rounds; ++i) {
    if (i % 40 == 0) resample_once();
    const Content& content = contents[(size_t)draw(0, (int64_t)contents.size() - 1)];
    decode_once(content, true);
    if (i % 10 == 0) decode_once(content, false);
  }
}

}  // namespace

int main(int count, char** arguments) {
  check(count > 3, "soundtest ROUNDS LIBSNDFILE FILE...");
  const bool has_library = strcmp(arguments[2], "-") != 0;
  if (has_library) check(sonogram_use_sndfile(arguments[2]) == 0, "libsndfile cannot be loaded");
  std::vector<Content> contents;
  for (int i = 3; i < count && (has_library || i == 3); ++i) {  // the first one is a plain WAV
    std::ifstream file(arguments[i], std::ios::binary);
    contents.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    check(!contents.back().empty(), std::string("cannot be read: ") + arguments[i]);
  }
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 3; ++seed)
    threads.emplace_back(work, seed, atoi(arguments[1]), std::cref(contents));
  for (std::thread& thread : threads) thread.join();
  printf("%d sounds read whole and damaged, on %s\n", 3 * atoi(arguments[1]), sonogram_isas());
}
