// As sonogram/audio/quiet.py, which says why only the variable is pointed elsewhere, and which hands
// its switch over to this one: two would restore each other's silence.
#include "quiet.h"

#include <pthread.h>
#include <stdio.h>

#include <mutex>
#include <new>

#include "sonogram_audio.h"

#if defined(__GLIBC__)

namespace {

std::mutex* const mutex = new std::mutex;  // never destroyed: threads may outlive the statics
FILE* sink;
FILE* saved;
int inside;
thread_local int own;  // of those inside, the calls of this thread

void enter() {
  const std::lock_guard<std::mutex> lock(*mutex);
  ++own;
  if (sink == nullptr) sink = fopen("/dev/null", "we");  // kept for good: another thread may hold it
  if (inside++ == 0) saved = stderr;
  if (sink) stderr = sink;
}

void leave() {
  const std::lock_guard<std::mutex> lock(*mutex);
  --own;
  if (--inside == 0) stderr = saved;
}

// A forked child has one thread, which did what it did; the mutex may have been another one's.
void forget_others() {
  new (mutex) std::mutex;
  inside = own;
  if (inside == 0 && sink && stderr == sink) stderr = saved;
}

[[maybe_unused]] const int registered = pthread_atfork(nullptr, nullptr, forget_others);

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
