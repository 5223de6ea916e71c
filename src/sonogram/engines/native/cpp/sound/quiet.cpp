// As sonogram/audio/quiet.py, which says why only the variable is pointed elsewhere, and which hands
// its switch over to this one: two would restore each other's silence.
#include "quiet.h"

#include <stdio.h>

#include <mutex>

#include "sonogram_audio.h"

#if defined(__GLIBC__)

namespace {

std::mutex* const mutex = new std::mutex;  // never destroyed: threads may outlive the statics
FILE* sink;
FILE* saved;
int inside;

void enter() {
  const std::lock_guard<std::mutex> lock(*mutex);
  if (sink == nullptr) sink = fopen("/dev/null", "we");  // kept for good: another thread may hold it
  if (inside++ == 0) saved = stderr;
  if (sink) stderr = sink;
}

void leave() {
  const std::lock_guard<std::mutex> lock(*mutex);
  if (--inside == 0) stderr = saved;
}

}  // namespace

int32_t sonogram_quiet(int32_t wanted) {
  if (wanted) enter();
  else leave();
  return 1;
}

Quiet::Quiet(bool wanted) : wanted_(wanted) {
  if (wanted_) enter();
}

Quiet::~Quiet() {
  if (wanted_) leave();
}

#else

int32_t sonogram_quiet(int32_t) { return 0; }
Quiet::Quiet(bool) : wanted_(false) {}
Quiet::~Quiet() { (void)wanted_; }

#endif
