// TensorFlow operations that a training step would otherwise put together from a dozen of its own, each of which goes
// through memory once. They are compiled with the binding by `chronograd setup tensorflow`, use TensorFlow's C API alone
// and work on float32 in the memory of the processor.
//
// The work is cut by rows among as many threads as TensorFlow may use. Sums over rows are added up thread by thread in
// order, so the bits depend on the number of threads and on nothing else.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

// One version of each loop for every generation of processors, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

namespace {

// ---- Threads

int threadCount() {
  static const int count = [] {
    const char* told = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = told == nullptr ? 0 : std::atoi(told);
    return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

// How many threads share `rows` of `columns` numbers: none gets so few that starting it would cost more.
int partsOf(int64_t rows, int64_t columns) {
  const int64_t worthwhile = rows * columns / 32768;
  return static_cast<int>(std::max<int64_t>(1, std::min<int64_t>({threadCount(), rows, worthwhile})));
}

// Calls work(part, from, to) for each part of the rows, the last one on this thread.
void share(int64_t rows, int parts, const std::function<void(int, int64_t, int64_t)>& work) {
  std::vector<std::thread> threads;
  for (int part = 0; part < parts - 1; part++) {
    threads.emplace_back(work, part, rows * part / parts, rows * (part + 1) / parts);
  }
  work(parts - 1, rows * (parts - 1) / parts, rows);
  for (auto& thread : threads) thread.join();
}

// ---- What an operation is given and gives

class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  const float* input(int index) { return static_cast<const float*>(TF_TensorData(tensor(index))); }
  int64_t size(int index) { return TF_TensorElementCount(tensor(index)); }
  std::vector<int64_t> shape(int index) {
    TF_Tensor* of = tensor(index);
    std::vector<int64_t> sides(TF_NumDims(of));
    for (size_t axis = 0; axis < sides.size(); axis++) sides[axis] = TF_Dim(of, static_cast<int>(axis));
    return sides;
  }

  float* output(int index, const std::vector<int64_t>& shape) {
    int64_t size = 1;
    for (int64_t side : shape) size *= side;
    TF_Tensor* made = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                        sizeof(float) * size, status_);
    if (TF_GetCode(status_) != TF_OK) {
      TF_OpKernelContext_Failure(context_, status_);
      return nullptr;
    }
    tensors_.push_back(made);
    return static_cast<float*>(TF_TensorData(made));
  }

 private:
  TF_Tensor* tensor(int index) {
    for (size_t place = given_.size(); place <= static_cast<size_t>(index); place++) {
      TF_Tensor* got = nullptr;
      TF_GetInput(context_, static_cast<int>(place), &got, status_);
      given_.push_back(got);
      tensors_.push_back(got);
    }
    return given_[index];
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> given_;
  std::vector<TF_Tensor*> tensors_;
};

// ---- Functions that the processor's vectors can compute

// e^x for x from -87 to 0, to about one unit in the last place.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  const float powers = x * 1.44269504f;
  const int32_t whole = static_cast<int32_t>(powers - 0.5f);
  const float power = static_cast<float>(whole);
  const float rest = (x - power * 0.693359375f) + power * 2.12194440e-4f;
  float sum = 1.0f / 5040;
  sum = sum * rest + 1.0f / 720;
  sum = sum * rest + 1.0f / 120;
  sum = sum * rest + 1.0f / 24;
  sum = sum * rest + 1.0f / 6;
  sum = sum * rest + 0.5f;
  sum = sum * rest + 1.0f;
  sum = sum * rest + 1.0f;
  const int32_t bits = (whole + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return sum * scale;
}

// The error function as x times a ratio of polynomials in x², fitted by least squares to a relative error of 2e-8.
INLINE float errorFunction(float x) {
  x = x > 3.925f ? 3.925f : x < -3.925f ? -3.925f : x;
  const float t = x * x;
  float above = 2.04599437e-06f;
  above = above * t + 0.000284825601f;
  above = above * t + 0.00377210607f;
  above = above * t + 0.0527678947f;
  above = above * t + 0.190584547f;
  above = above * t + 1.12837915f;
  float below = 3.80464927e-05f;
  below = below * t + 0.00116373537f;
  below = below * t + 0.0149823123f;
  below = below * t + 0.114178748f;
  below = below * t + 0.50223389f;
  below = below * t + 1.0f;
  return x * above / below;
}


// ---- The Gaussian error linear unit, x·Φ(x)

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

// ---- Layer normalisation over the last axis

struct LayerNormalization {
  float epsilon = 0;
};

FOR_EACH_PROCESSOR void normalizeRows(const float* x, const float* gain, const float* bias, float epsilon, int64_t rows,
                                      int64_t columns, float* y, float* means, float* inverses) {
  for (int64_t row = 0; row < rows; row++, x += columns, y += columns) {
    float sum = 0;
#pragma GCC ivdep
    for (int64_t i = 0; i < columns; i++) sum += x[i];
    const float mean = sum / columns;
    float squares = 0;
    for (int64_t i = 0; i < columns; i++) squares += (x[i] - mean) * (x[i] - mean);
    const float inverse = 1.0f / std::sqrt(squares / columns + epsilon);
    for (int64_t i = 0; i < columns; i++) y[i] = (x[i] - mean) * inverse * gain[i] + bias[i];
    means[row] = mean;
    inverses[row] = inverse;
  }
}

void computeLayerNormalization(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const float *x = call.input(0), *gain = call.input(1), *bias = call.input(2);
  const int64_t columns = call.size(1), rows = call.size(0) / columns;
  float *y = call.output(0, call.shape(0)), *means = call.output(1, {rows}), *inverses = call.output(2, {rows});
  if (y == nullptr || means == nullptr || inverses == nullptr) return;
  const float epsilon = static_cast<LayerNormalization*>(kernel)->epsilon;
  share(rows, partsOf(rows, columns), [=](int, int64_t from, int64_t to) {
    normalizeRows(x + from * columns, gain, bias, epsilon, to - from, columns, y + from * columns, means + from,
                  inverses + from);
  });
}

FOR_EACH_PROCESSOR void normalizedRowsGradient(const float* dy, const float* x, const float* means,
                                               const float* inverses, const float* gain, int64_t rows, int64_t columns,
                                               float* dx, float* gainGradient, float* biasGradient) {
  for (int64_t row = 0; row < rows; row++, dy += columns, x += columns, dx += columns) {
    const float mean = means[row], inverse = inverses[row];
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
  const float *dy = call.input(0), *x = call.input(1), *means = call.input(2), *inverses = call.input(3);
  const float* gain = call.input(4);
  const int64_t columns = call.size(4), rows = call.size(1) / columns;
  float *dx = call.output(0, call.shape(1)), *gains = call.output(1, {columns}), *biases = call.output(2, {columns});
  if (dx == nullptr || gains == nullptr || biases == nullptr) return;
  const int parts = partsOf(rows, columns);
  std::vector<float> sums(2 * columns * parts, 0.0f);
  float* partSums = sums.data();
  share(rows, parts, [=](int part, int64_t from, int64_t to) {
    float* own = partSums + 2 * columns * part;
    normalizedRowsGradient(dy + from * columns, x + from * columns, means + from, inverses + from, gain, to - from,
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

// ---- Softmax over the last axis of scale·x

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

// ---- Attention's heads: [batch × length, 3 × heads × depth] to three of [batch, heads, length, depth], and back

struct Heads {
  int64_t batch = 1;
  int64_t heads = 1;
};

void computeSplitHeads(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const float* x = call.input(0);
  const auto shape = call.shape(0);
  const auto [batch, heads] = *static_cast<Heads*>(kernel);
  const int64_t length = shape[0] / batch, depth = shape[1] / 3 / heads;
  float* parts[3];
  for (int kind = 0; kind < 3; kind++) {
    parts[kind] = call.output(kind, {batch, heads, length, depth});
    if (parts[kind] == nullptr) return;
  }
  share(batch, partsOf(batch, length * shape[1]), [=, &parts](int, int64_t from, int64_t to) {
    for (int64_t row = from * length; row < to * length; row++) {
      const int64_t sample = row / length, place = row % length;
      const float* source = x + row * 3 * heads * depth;
      for (int kind = 0; kind < 3; kind++) {
        for (int64_t head = 0; head < heads; head++, source += depth) {
          std::memcpy(parts[kind] + ((sample * heads + head) * length + place) * depth, source, depth * sizeof(float));
        }
      }
    }
  });
}

void computeMergeHeads(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const auto shape = call.shape(0);
  const int64_t batch = shape[0], heads = shape[1], length = shape[2], depth = shape[3];
  const float* parts[3] = {call.input(0), call.input(1), call.input(2)};
  float* y = call.output(0, {batch * length, 3 * heads * depth});
  if (y == nullptr) return;
  share(batch, partsOf(batch, length * 3 * heads * depth), [=, &parts](int, int64_t from, int64_t to) {
    for (int64_t row = from * length; row < to * length; row++) {
      const int64_t sample = row / length, place = row % length;
      float* target = y + row * 3 * heads * depth;
      for (int kind = 0; kind < 3; kind++) {
        for (int64_t head = 0; head < heads; head++, target += depth) {
          std::memcpy(target, parts[kind] + ((sample * heads + head) * length + place) * depth, depth * sizeof(float));
        }
      }
    }
  });
}

// ---- The largest number under a window: its gradient goes to the first place that has it

struct Pooling {
  int64_t window = 1;
  int64_t stride = 1;
};

FOR_EACH_PROCESSOR void poolingGradient(const float* __restrict x, const float* __restrict dy, int64_t height, int64_t width,
                                        int64_t channels, int64_t down, int64_t across, int64_t window, int64_t stride,
                                        int32_t* __restrict places, float* __restrict highest, float* __restrict dx) {
  std::memset(dx, 0, sizeof(float) * height * width * channels);
  for (int64_t row = 0; row < down; row++) {
    for (int64_t column = 0; column < across; column++, dy += channels) {
      for (int64_t step = 0; step < window * window; step++) {
        const int64_t place = ((row * stride + step / window) * width + column * stride + step % window) * channels;
        const float* seen = x + place;
        if (step == 0) {
          for (int64_t c = 0; c < channels; c++) {
            highest[c] = seen[c];
            places[c] = static_cast<int32_t>(place);
          }
        } else {
          const int32_t here = static_cast<int32_t>(place);
          for (int64_t c = 0; c < channels; c++) {
            const float value = seen[c], before = highest[c];
            places[c] = value > before ? here : places[c];
            highest[c] = value > before ? value : before;
          }
        }
      }
      for (int64_t c = 0; c < channels; c++) dx[places[c] + c] += dy[c];
    }
  }
}

void computePoolingGradient(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const float *x = call.input(0), *dy = call.input(1);
  const auto shape = call.shape(0), small = call.shape(1);
  float* dx = call.output(0, shape);
  if (dx == nullptr) return;
  const auto [window, stride] = *static_cast<Pooling*>(kernel);
  const int64_t height = shape[1], width = shape[2], channels = shape[3], down = small[1], across = small[2];
  share(shape[0], partsOf(shape[0], height * width * channels), [=](int, int64_t from, int64_t to) {
    std::vector<int32_t> places(channels);
    std::vector<float> highest(channels);
    for (int64_t sample = from; sample < to; sample++) {
      poolingGradient(x + sample * height * width * channels, dy + sample * down * across * channels, height, width,
                      channels, down, across, window, stride, places.data(), highest.data(),
                      dx + sample * height * width * channels);
    }
  });
}

// ---- AdamW: moments as two vectors, the parameters laid end to end in them

FOR_EACH_PROCESSOR void adamw(const float* gradient, const float* first, const float* second, const float* weights,
                              int64_t count, float firstShare, float secondShare, float epsilon, float rate, float kept,
                              float* newFirst, float* newSecond, float* newWeights) {
  for (int64_t i = 0; i < count; i++) {
    const float mean = first[i] + (gradient[i] - first[i]) * firstShare;
    const float square = second[i] + (gradient[i] * gradient[i] - second[i]) * secondShare;
    newFirst[i] = mean;
    newSecond[i] = square;
    newWeights[i] = weights[i] * kept - rate * (mean / (std::sqrt(square) + epsilon));
  }
}

// Inputs: the gradient, both moments, [3] share of a new first moment, of a new second one, and epsilon; [parameters, 2]
// learning rate and what is kept of the weights, by parameter; then the parameters.
void computeAdamw(void*, TF_OpKernelContext* context) {
  Call call(context);
  const float *gradient = call.input(0), *first = call.input(1), *second = call.input(2);
  const float *settings = call.input(3), *rates = call.input(4);
  const int parameters = static_cast<int>(call.shape(4)[0]);
  float *newFirst = call.output(0, call.shape(1)), *newSecond = call.output(1, call.shape(2));
  if (newFirst == nullptr || newSecond == nullptr) return;
  int64_t offset = 0;
  for (int parameter = 0; parameter < parameters; parameter++) {
    const float* weights = call.input(5 + parameter);
    float* newWeights = call.output(2 + parameter, call.shape(5 + parameter));
    if (newWeights == nullptr) return;
    const int64_t count = call.size(5 + parameter);
    share(count, partsOf(count, 1), [=](int, int64_t from, int64_t to) {
      const int64_t place = offset + from;
      adamw(gradient + place, first + place, second + place, weights + from, to - from, settings[0], settings[1],
            settings[2], rates[2 * parameter], rates[2 * parameter + 1], newFirst + place, newSecond + place,
            newWeights + from);
    });
    offset += count;
  }
}

// ---- Making TensorFlow know them

using Compute = void (*)(void*, TF_OpKernelContext*);
using Create = void* (*)(TF_OpKernelConstruction*);
using Delete = void (*)(void*);

float floatOf(TF_OpKernelConstruction* construction, const char* name) {
  TF_Status* status = TF_NewStatus();
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status);
  TF_DeleteStatus(status);
  return value;
}

int64_t integerOf(TF_OpKernelConstruction* construction, const char* name) {
  TF_Status* status = TF_NewStatus();
  int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status);
  TF_DeleteStatus(status);
  return value;
}

void unknownShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

void add(const std::string& name, const std::vector<const char*>& inputs, const std::vector<const char*>& outputs,
         const std::vector<const char*>& attributes, Compute compute, Create create = nullptr,
         Delete remove = nullptr) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name.c_str());
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, unknownShape);
  TF_RegisterOpDefinition(definition, status);
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(name.c_str(), "CPU", create, compute, remove);
  TF_RegisterKernelBuilder((name + "OnProcessor").c_str(), kernel, status);
  TF_DeleteStatus(status);
}

const bool added = [] {
  add("ChronogradGelu", {"x: float"}, {"y: float"}, {}, computeGelu);
  add("ChronogradGeluGradient", {"dy: float", "x: float"}, {"dx: float"}, {}, computeGeluGradient);
  add("ChronogradLayerNormalization", {"x: float", "gain: float", "bias: float"},
      {"y: float", "means: float", "inverses: float"}, {"epsilon: float"}, computeLayerNormalization,
      [](TF_OpKernelConstruction* construction) -> void* {
        return new LayerNormalization{floatOf(construction, "epsilon")};
      },
      [](void* kernel) { delete static_cast<LayerNormalization*>(kernel); });
  add("ChronogradLayerNormalizationGradient",
      {"dy: float", "x: float", "means: float", "inverses: float", "gain: float"},
      {"dx: float", "gain_gradient: float", "bias_gradient: float"}, {}, computeLayerNormalizationGradient);
  const Create softmax = [](TF_OpKernelConstruction* construction) -> void* {
    return new Softmax{floatOf(construction, "scale")};
  };
  const Delete noSoftmax = [](void* kernel) { delete static_cast<Softmax*>(kernel); };
  add("ChronogradSoftmax", {"x: float"}, {"y: float"}, {"scale: float"}, computeSoftmax, softmax, noSoftmax);
  add("ChronogradSoftmaxGradient", {"dy: float", "y: float"}, {"dx: float"}, {"scale: float"}, computeSoftmaxGradient,
      softmax, noSoftmax);
  add("ChronogradSplitHeads", {"x: float"}, {"queries: float", "keys: float", "values: float"},
      {"batch: int", "heads: int"}, computeSplitHeads,
      [](TF_OpKernelConstruction* construction) -> void* {
        return new Heads{integerOf(construction, "batch"), integerOf(construction, "heads")};
      },
      [](void* kernel) { delete static_cast<Heads*>(kernel); });
  add("ChronogradMergeHeads", {"queries: float", "keys: float", "values: float"}, {"y: float"}, {}, computeMergeHeads);
  add("ChronogradMaxPoolGradient", {"x: float", "dy: float"}, {"dx: float"}, {"window: int", "stride: int"},
      computePoolingGradient,
      [](TF_OpKernelConstruction* construction) -> void* {
        return new Pooling{integerOf(construction, "window"), integerOf(construction, "stride")};
      },
      [](void* kernel) { delete static_cast<Pooling*>(kernel); });
  add("ChronogradAdamw",
      {"gradient: float", "first: float", "second: float", "settings: float", "rates: float", "weights: count * float"},
      {"new_first: float", "new_second: float", "new_weights: count * float"}, {"count: int >= 1"}, computeAdamw);
  return true;
}();

}  // namespace
