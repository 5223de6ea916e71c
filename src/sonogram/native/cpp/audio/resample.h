// Resampling in chunks, with the same bits as of the whole sound.
#pragma once

#include <stdint.h>

#include <memory>

#include "design.h"

namespace sonogram {

// ceil(count * to / from): every sampling instant of the new rate before the end has a sample.
int64_t num_resampled(int64_t count, int64_t from, int64_t to);

// Whether two rates are at most 256 times apart. Beyond that a header is almost certainly corrupt, and
// resampling would exhaust memory.
bool can_resample(int64_t from, int64_t to);

// Resampler of one channel.
class Resampler {
 public:
  // Throws std::bad_alloc.
  explicit Resampler(std::shared_ptr<const Design> design);

  // The most samples that taking `count` more can give, and that the end can.
  int64_t max_output(int64_t count) const;

  // Takes samples and returns how many it gives. Lazy: those are kept back that would be computed
  // with lanes unused; the end gives them all the same.
  int64_t push(const float* samples, int64_t count, float* out, bool lazy = false);

  // The rest, as if silence followed; then a new sound may begin.
  int64_t finish(float* out);

  // All of a sound at once: with no lanes unused but at its end.
  int64_t whole(const float* samples, int64_t count, float* out);

 private:
  int64_t feed(const float* samples, int64_t count, float* out, bool lazy);
  int64_t compute(float* out, bool lazy);
  int64_t compute_rows(int64_t available, float* out, bool lazy);
  int64_t compute_between(int64_t available, float* out);
  void move_to_front();
  int64_t give(const float* from, int64_t count, float* out);

  std::shared_ptr<const Design> design_;
  std::unique_ptr<float, Release> memory_;  // held inputs, scratch of the kernel, outputs of a tile
  int64_t capacity_, reach_;                // of the held inputs, and what the kernel reads at once
  float *scratch_, *tile_;
  int64_t first_, filled_;  // in the held inputs: of the next output, and their end
  int64_t taken_, given_, limit_;
  int64_t phase_;  // many phases: how much later the next output is than the first input
};

}  // namespace sonogram
