// A few threads that wait for work.
#pragma once

#include <stdint.h>

// Calls task(context, i) once for every i below `count`, on at most `threads` threads, the caller's
// among them, and returns when all are done. Safe from several threads at a time and after a fork.
void run_parallel(void (*task)(void* context, int64_t i), void* context, int64_t count, int threads);
