#include "pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

#include "floats.h"
#include "system.h"

namespace sonogram {
namespace {

struct Job {
  void (*task)(void*, int64_t);
  void* context;
  int64_t count;
  int helpers;  // threads that may still join
  const int64_t shares;
  int active = 0;
  std::atomic<int64_t> next{0};

  Job(void (*task)(void*, int64_t), void* context, int64_t count, int helpers)
      : task(task), context(context), count(count), helpers(helpers), shares(4 * (helpers + 1)) {}

  // Guided scheduling: a thread takes a quarter of its fair share of the remaining tasks. Neighboring
  // tasks go to the same thread, whose prefetches are meant for its next task; and the shares shrink,
  // so that all threads end at about the same time.
  void work() {
    for (int64_t i = next.load(std::memory_order_relaxed); i < count;) {
      const int64_t end = i + std::max<int64_t>((count - i) / shares, 1);
      if (!next.compare_exchange_weak(i, end, std::memory_order_relaxed)) continue;
      for (; i < end; ++i) task(context, i);
      i = next.load(std::memory_order_relaxed);
    }
  }
};

class Pool {
 public:
  void run(Job& job) {
    const int helpers = job.helpers;  // threads that join decrease the one in the job
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      grow(helpers);
      jobs_.push_back(&job);
    }
    for (int i = 0; i < helpers; ++i) work_.notify_one();
    job.work();
    std::unique_lock<std::mutex> lock(mutex_);
    jobs_.remove(&job);  // from here on no thread joins
    done_.wait(lock, [&] { return job.active == 0; });
  }

 private:
  // The threads are detached and wait until the process ends.
  void grow(int wanted) {
    try {
      for (; size_ < wanted; ++size_) std::thread([this] { serve(); }).detach();
    } catch (const std::system_error&) {
      // The system has no more threads: the existing ones do the work.
    }
  }

  void serve() {
    const SubnormalNumbers kept;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      Job* job = nullptr;
      work_.wait(lock, [&] {
        const auto found = std::find_if(jobs_.begin(), jobs_.end(), [](Job* j) { return j->helpers > 0; });
        job = found == jobs_.end() ? nullptr : *found;
        return job != nullptr;
      });
      --job->helpers;
      ++job->active;
      lock.unlock();
      job->work();
      lock.lock();
      if (--job->active == 0) done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable work_, done_;
  std::list<Job*> jobs_;
  int size_ = 0;
};

std::atomic<Pool*> current{nullptr};

// A forked child has none of the threads and perhaps a locked mutex, so it starts with a new pool.
void drop_pool() { current.store(nullptr); }

Pool& pool() {
  static const int registered = after_fork(drop_pool);
  (void)registered;
  Pool* found = current.load();
  if (found == nullptr) {
    Pool* made = new Pool;
    if (current.compare_exchange_strong(found, made)) return *made;
    delete made;
  }
  return *found;
}

}  // namespace

void run_parallel(void (*task)(void*, int64_t), void* context, int64_t count, int threads) {
  const SubnormalNumbers kept;
  const int helpers = (int)std::min<int64_t>(threads, count) - 1;
  if (helpers < 1) {
    for (int64_t i = 0; i < count; ++i) task(context, i);
    return;
  }
  Job job(task, context, count, helpers);
  pool().run(job);
}

}  // namespace sonogram
