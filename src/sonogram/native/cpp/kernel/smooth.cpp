// Exponential moving averages of frames, with the bits of the NumPy engine.
#include "sonogram_native.h"

namespace {

template <class T>
void smooth(const T* x, int64_t frames, int64_t bands, double smoothing, T* y) {
  const T keep = (T)(1 - smoothing), gain = (T)smoothing;
  for (int64_t i = bands; i < frames * bands; ++i) y[i] = keep * y[i - bands] + gain * x[i];
}

}  // namespace

void sonogram_smooth(const void* x, int64_t frames, int64_t bands, double smoothing, int32_t dtype, void* y) {
  if (dtype == SONOGRAM_FLOAT64) smooth((const double*)x, frames, bands, smoothing, (double*)y);
  else smooth((const float*)x, frames, bands, smoothing, (float*)y);
}
