// The softmax of scale·x over the last axis.

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

struct Softmax {
  float scale = 1;
};

FOR_EACH_PROCESSOR void softmaxRows(const float* x, float scale, int64_t rows, int64_t columns, float* y) {
  for (int64_t row = 0; row < rows; row++, x += columns, y += columns) {
    float highest = x[0] * scale;
    for (int64_t i = 0; i < columns; i++) highest = x[i] * scale > highest ? x[i] * scale : highest;
    float sum = 0;
    for (int64_t i = 0; i < columns; i++) {
      y[i] = exponential(x[i] * scale - highest);
      sum += y[i];
    }
    const float share = 1.0f / sum;
    for (int64_t i = 0; i < columns; i++) y[i] *= share;
  }
}

FOR_EACH_PROCESSOR void softmaxRowsGradient(const float* dy, const float* y, float scale, int64_t rows,
                                            int64_t columns, float* dx) {
  for (int64_t row = 0; row < rows; row++, dy += columns, y += columns, dx += columns) {
    float sum = 0;
    for (int64_t i = 0; i < columns; i++) sum += dy[i] * y[i];
    for (int64_t i = 0; i < columns; i++) dx[i] = scale * y[i] * (dy[i] - sum);
  }
}

void computeSoftmax(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const float* x = call.input(0);
  const auto shape = call.shape(0);
  float* y = call.output(0, shape);
  if (y == nullptr) return;
  const int64_t columns = shape.back(), rows = call.size(0) / columns;
  const float scale = static_cast<Softmax*>(kernel)->scale;
  share(rows, partsOf(rows, columns), [=](int, int64_t from, int64_t to) {
    softmaxRows(x + from * columns, scale, to - from, columns, y + from * columns);
  });
}

void computeSoftmaxGradient(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const float *dy = call.input(0), *y = call.input(1);
  const auto shape = call.shape(1);
  float* dx = call.output(0, shape);
  if (dx == nullptr) return;
  const int64_t columns = shape.back(), rows = call.size(1) / columns;
  const float scale = static_cast<Softmax*>(kernel)->scale;
  share(rows, partsOf(rows, columns), [=](int, int64_t from, int64_t to) {
    softmaxRowsGradient(dy + from * columns, y + from * columns, scale, to - from, columns, dx + from * columns);
  });
}

const Create create = [](TF_OpKernelConstruction* construction) -> void* {
  return new Softmax{floatOf(construction, "scale")};
};
const Delete remove = [](void* kernel) { delete static_cast<Softmax*>(kernel); };
const bool added =
    add("ChronogradSoftmax", {"x: float"}, {"y: float"}, {"scale: float"}, computeSoftmax, create, remove) &&
    add("ChronogradSoftmaxGradient", {"dy: float", "y: float"}, {"dx: float"}, {"scale: float"},
        computeSoftmaxGradient, create, remove);

}  // namespace
