// The gradient of the largest number under a window: it goes to the first place that has it.

#include <cstring>
#include <vector>

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

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

const bool added = add(
    "ChronogradMaxPoolGradient", {"x: float", "dy: float"}, {"dx: float"}, {"window: int", "stride: int"},
    computePoolingGradient,
    [](TF_OpKernelConstruction* construction) -> void* {
      return new Pooling{integerOf(construction, "window"), integerOf(construction, "stride")};
    },
    [](void* kernel) { delete static_cast<Pooling*>(kernel); });

}  // namespace
