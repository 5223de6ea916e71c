// Threads that wait for work.
#pragma once

#include <stdint.h>

namespace sonogram {

// Calls task(context, i) once for every i below `count`, on at most `threads` threads including the
// caller's, and returns when all calls have returned. Any number of threads may call it at a time, also
// after a fork.
void run_parallel(void (*task)(void* context, int64_t i), void* context, int64_t count, int threads);

}  // namespace sonogram
