// libmpg123 writes notes with fprintf(stderr, ...), and libsndfile offers no way to switch them off.
// Redirecting the descriptor 2 would swallow what other threads print meanwhile, so only the C library's
// `stderr` variable is pointed elsewhere: Python writes to the descriptor and is not touched. glibc
// documents that variable as assignable; elsewhere the notes stay.
#include "c_stderr.h"

#include <stdio.h>

#include <mutex>
#include <new>

#include "sonogram_audio.h"
#include "system.h"

using namespace sonogram;

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

// After a fork the child has one thread only, and the mutex may be locked by a thread that is gone.
void forget_others() {
  new (mutex) std::mutex;
  inside = own;
  if (inside == 0 && sink && stderr == sink) stderr = saved;
}

[[maybe_unused]] const int registered = after_fork(forget_others);

}  // namespace

void sonogram_silence_c_stderr(int32_t wanted) {
  if (wanted) enter();
  else leave();
}

CStderr::CStderr(bool silent) : silent_(silent) {
  if (silent_) enter();
}

CStderr::~CStderr() {
  if (silent_) leave();
}

#else

void sonogram_silence_c_stderr(int32_t) {}
CStderr::CStderr(bool) : silent_(false) {}
CStderr::~CStderr() { (void)silent_; }

#endif
