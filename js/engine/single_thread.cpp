// The parts of the kernel that differ without threads and processes. For more cores, start one engine in each worker.
#include "pool.h"
#include "system.h"

namespace sonogram {

void run_parallel(void (*task)(void* context, int64_t i), void* context, int64_t count, int) {
  for (int64_t i = 0; i < count; ++i) task(context, i);
}

int after_fork(void (*)()) { return 0; }

}  // namespace sonogram
