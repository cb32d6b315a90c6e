// Layer normalisation over the last axis. Its second output is, by row, the mean and one over the deviation.

#include <cmath>
#include <vector>

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

struct LayerNormalization {
  float epsilon = 0;
};

FOR_EACH_PROCESSOR void normalizeRows(const float* x, const float* gain, const float* bias, float epsilon, int64_t rows,
                                      int64_t columns, float* y, float* statistics) {
  for (int64_t row = 0; row < rows; row++, x += columns, y += columns) {
    float sum = 0;
    for (int64_t i = 0; i < columns; i++) sum += x[i];
    const float mean = sum / columns;
    float squares = 0;
    for (int64_t i = 0; i < columns; i++) squares += (x[i] - mean) * (x[i] - mean);
    const float inverse = 1.0f / std::sqrt(squares / columns + epsilon);
    for (int64_t i = 0; i < columns; i++) y[i] = (x[i] - mean) * inverse * gain[i] + bias[i];
    statistics[2 * row] = mean;
    statistics[2 * row + 1] = inverse;
  }
}

void computeLayerNormalization(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const float *x = call.input(0), *gain = call.input(1), *bias = call.input(2);
  const int64_t columns = call.size(1), rows = call.size(0) / columns;
  float *y = call.output(0, call.shape(0)), *statistics = call.output(1, {rows, 2});
  if (y == nullptr || statistics == nullptr) return;
  const float epsilon = static_cast<LayerNormalization*>(kernel)->epsilon;
  share(rows, partsOf(rows, columns), [=](int, int64_t from, int64_t to) {
    normalizeRows(x + from * columns, gain, bias, epsilon, to - from, columns, y + from * columns,
                  statistics + 2 * from);
  });
}

FOR_EACH_PROCESSOR void normalizedRowsGradient(const float* dy, const float* x, const float* statistics,
                                               const float* gain, int64_t rows, int64_t columns,
                                               float* dx, float* gainGradient, float* biasGradient) {
  for (int64_t row = 0; row < rows; row++, dy += columns, x += columns, dx += columns) {
    const float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
    float slopes = 0, alongNormalized = 0;
    for (int64_t i = 0; i < columns; i++) {
      const float normalized = (x[i] - mean) * inverse, slope = dy[i] * gain[i];
      slopes += slope;
      alongNormalized += slope * normalized;
      gainGradient[i] += dy[i] * normalized;
      biasGradient[i] += dy[i];
    }
    slopes /= columns;
    alongNormalized /= columns;
    for (int64_t i = 0; i < columns; i++) {
      const float normalized = (x[i] - mean) * inverse;
      dx[i] = (dy[i] * gain[i] - slopes - normalized * alongNormalized) * inverse;
    }
  }
}

void computeLayerNormalizationGradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  const float *dy = call.input(0), *x = call.input(1), *statistics = call.input(2), *gain = call.input(3);
  const int64_t columns = call.size(3), rows = call.size(1) / columns;
  float *dx = call.output(0, call.shape(1)), *gains = call.output(1, {columns}), *biases = call.output(2, {columns});
  if (dx == nullptr || gains == nullptr || biases == nullptr) return;
  const int parts = partsOf(rows, columns);
  std::vector<float> sums(2 * columns * parts, 0.0f);
  float* partSums = sums.data();
  share(rows, parts, [=](int part, int64_t from, int64_t to) {
    float* own = partSums + 2 * columns * part;
    normalizedRowsGradient(dy + from * columns, x + from * columns, statistics + 2 * from, gain, to - from,
                           columns, dx + from * columns, own, own + columns);
  });
  for (int64_t i = 0; i < columns; i++) {
    gains[i] = biases[i] = 0;
    for (int part = 0; part < parts; part++) {
      gains[i] += sums[2 * columns * part + i];
      biases[i] += sums[2 * columns * part + columns + i];
    }
  }
}

const bool added =
    add("ChronogradLayerNormalization", {"x: float", "gain: float", "bias: float"}, {"y: float", "statistics: float"},
        {"epsilon: float"}, computeLayerNormalization,
        [](TF_OpKernelConstruction* construction) -> void* {
          return new LayerNormalization{floatOf(construction, "epsilon")};
        },
        [](void* kernel) { delete static_cast<LayerNormalization*>(kernel); }) &&
    add("ChronogradLayerNormalizationGradient", {"dy: float", "x: float", "statistics: float", "gain: float"},
        {"dx: float", "gain_gradient: float", "bias_gradient: float"}, {}, computeLayerNormalizationGradient);

}  // namespace
