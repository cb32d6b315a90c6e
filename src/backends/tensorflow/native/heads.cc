// Attention's heads: [batch × length, 3 × heads × depth] to three of [batch, heads, length, depth], and back.

#include <cstring>

#include "functions.h"
#include "operation.h"
#include "threads.h"

namespace {

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

const bool added =
    add("ChronogradSplitHeads", {"x: float"}, {"queries: float", "keys: float", "values: float"},
        {"batch: int", "heads: int"}, computeSplitHeads,
        [](TF_OpKernelConstruction* construction) -> void* {
          return new Heads{integerOf(construction, "batch"), integerOf(construction, "heads")};
        },
        [](void* kernel) { delete static_cast<Heads*>(kernel); }) &&
    add("ChronogradMergeHeads", {"queries: float", "keys: float", "values: float"}, {"y: float"}, {},
        computeMergeHeads);

}  // namespace
