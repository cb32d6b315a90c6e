// The Gaussian error linear unit, x·Φ(x), of rows to which a bias is added first, and its gradient.

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

constexpr float kRootOfHalf = 0.707106781f;
constexpr float kDensityAtZero = 0.398942280f;  // 1 / √(2π)

FOR_EACH_PROCESSOR void gelu(const float* x, const float* bias, int64_t rows, int64_t columns, float* y) {
  for (int64_t row = 0; row < rows; row++, x += columns, y += columns) {
    for (int64_t i = 0; i < columns; i++) {
      const float biased = x[i] + bias[i];
      y[i] = biased * (0.5f + 0.5f * errorFunction(biased * kRootOfHalf));
    }
  }
}

FOR_EACH_PROCESSOR void geluGradient(const float* __restrict dy, const float* __restrict x,
                                     const float* __restrict bias, int64_t rows, int64_t columns, float* __restrict dx,
                                     float* __restrict biasGradient) {
  for (int64_t row = 0; row < rows; row++, dy += columns, x += columns, dx += columns) {
    for (int64_t i = 0; i < columns; i++) {
      const float biased = x[i] + bias[i];
      const float cumulative = 0.5f + 0.5f * errorFunction(biased * kRootOfHalf);
      dx[i] = dy[i] * (cumulative + biased * kDensityAtZero * exponential(-0.5f * biased * biased));
      biasGradient[i] += dx[i];
    }
  }
}

void computeGelu(void*, TF_OpKernelContext* context) {
  Call call(context);
  const float *x = call.input(0), *bias = call.input(1);
  float* y = call.output(0, call.shape(0));
  if (y == nullptr) return;
  const int64_t columns = call.size(1), rows = call.size(0) / columns;
  share(rows, partsOf(rows, columns), [=](int, int64_t from, int64_t to) {
    gelu(x + from * columns, bias, to - from, columns, y + from * columns);
  });
}

void computeGeluGradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  const float *dy = call.input(0), *x = call.input(1), *bias = call.input(2);
  float *dx = call.output(0, call.shape(1)), *biasGradient = call.output(1, call.shape(2));
  if (dx == nullptr || biasGradient == nullptr) return;
  const int64_t columns = call.size(2), rows = call.size(1) / columns;
  shareWithSums(rows, columns, columns, biasGradient, [=](int64_t from, int64_t to, float* sums) {
    geluGradient(dy + from * columns, x + from * columns, bias, to - from, columns, dx + from * columns, sums);
  });
}

const bool added = add("ChronogradGelu", {"x: float", "bias: float"}, {"y: float"}, {}, computeGelu) &&
                   add("ChronogradGeluGradient", {"dy: float", "x: float", "bias: float"},
                       {"dx: float", "bias_gradient: float"}, {}, computeGeluGradient);

}  // namespace
