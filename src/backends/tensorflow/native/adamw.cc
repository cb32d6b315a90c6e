// An update of AdamW. The moments are two vectors; the parameters are laid end to end in them.

#include <cmath>

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

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

const bool added = add("ChronogradAdamw",
                       {"gradient: float", "first: float", "second: float", "settings: float", "rates: float",
                        "weights: count * float"},
                       {"new_first: float", "new_second: float", "new_weights: count * float"}, {"count: int >= 1"},
                       computeAdamw);

}  // namespace
