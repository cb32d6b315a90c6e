// The Gaussian error linear unit, x·Φ(x), and its gradient.

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

constexpr float kRootOfHalf = 0.707106781f;
constexpr float kDensityAtZero = 0.398942280f;  // 1 / √(2π)

FOR_EACH_PROCESSOR void gelu(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] = x[i] * (0.5f + 0.5f * errorFunction(x[i] * kRootOfHalf));
}

FOR_EACH_PROCESSOR void geluGradient(const float* dy, const float* x, float* dx, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const float cumulative = 0.5f + 0.5f * errorFunction(x[i] * kRootOfHalf);
    dx[i] = dy[i] * (cumulative + x[i] * kDensityAtZero * exponential(-0.5f * x[i] * x[i]));
  }
}

void computeGelu(void*, TF_OpKernelContext* context) {
  Call call(context);
  const float* x = call.input(0);
  float* y = call.output(0, call.shape(0));
  if (y == nullptr) return;
  const int64_t count = call.size(0);
  share(count, partsOf(count, 1), [=](int, int64_t from, int64_t to) { gelu(x + from, y + from, to - from); });
}

void computeGeluGradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  const float *dy = call.input(0), *x = call.input(1);
  float* dx = call.output(0, call.shape(1));
  if (dx == nullptr) return;
  const int64_t count = call.size(1);
  share(count, partsOf(count, 1),
        [=](int, int64_t from, int64_t to) { geluGradient(dy + from, x + from, dx + from, to - from); });
}

const bool added = add("ChronogradGelu", {"x: float"}, {"y: float"}, {}, computeGelu) &&
                   add("ChronogradGeluGradient", {"dy: float", "x: float"}, {"dx: float"}, {}, computeGeluGradient);

}  // namespace
