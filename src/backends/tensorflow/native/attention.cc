// Scaled dot product attention (Vaswani et al. 2017) of every head of every sequence, and its gradient.
//
// Queries, keys and values lie side by side in the rows of [batch × length, 3 × heads × depth], without the bias that
// belongs to them. Of it, the keys' share adds the same to all scores of a query, which softmax takes out again, and the
// values' share comes through to the output as it is, since shares sum to one: only the queries need it.
//
// Scores are held for one head and a block of queries at a time, a row for each key: then softmax and its gradient run
// along rows of queries, none of which waits for a sum over a row.

#include <algorithm>
#include <cmath>
#include <vector>

#include "functions.h"
#include "operation.h"
#include "small-product.h"
#include "threads.h"

namespace {

// How many queries are worked on at once; their number is rounded up to whole vectors of the processor.
constexpr int64_t kQueries = 128;
constexpr int64_t kVector = 16;

int64_t wholeVectors(int64_t count) { return (count + kVector - 1) / kVector * kVector; }

struct Heads {
  int64_t batch = 1;
  int64_t heads = 1;
  int64_t masks = 0;
};

// What is the same for all heads.
struct Shape {
  int64_t length, heads, depth;

  int64_t width() const { return heads * depth; }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(depth)); }
};

// What is added to the scores of a sequence: of query i for key j, data[i * query + j * key]. No data is no mask.
struct Mask {
  const float* data = nullptr;
  int64_t query = 0, key = 0;
};

// What a thread works with.
struct Room {
  explicit Room(const Shape& shape)
      : lanes(wholeVectors(std::min(shape.length, kQueries))),
        queries(shape.depth * lanes),
        slopes(shape.depth * lanes),
        queryRows(shape.depth * lanes),
        shares(shape.length * lanes),
        shareSlopes(shape.length * lanes),
        sums(2 * lanes),
        zeros(std::max(lanes, shape.depth)) {}

  int64_t lanes;
  std::vector<float> queries, slopes, queryRows, shares, shareSlopes, sums, zeros;
};

// A block of rows [count, depth] turned to [depth, lanes], a bias added; what is left of the lanes is 0.
INLINE void turn(const float* rows, int64_t row, const float* bias, int64_t count, int64_t depth, int64_t lanes,
                 float* turned) {
  for (int64_t d = 0; d < depth; d++) {
    const float added = bias == nullptr ? 0 : bias[d];
    for (int64_t i = 0; i < count; i++) turned[d * lanes + i] = rows[i * row + d] + added;
    for (int64_t i = count; i < lanes; i++) turned[d * lanes + i] = 0;
  }
}

// The products of the keys with the queries in the room, scaled and masked: [length, lanes].
INLINE void scores(const float* keys, int64_t row, const Shape& shape, const Mask& mask,
                   int64_t first, int64_t count, const Room& room, float* scores) {
  const int64_t lanes = room.lanes;
  multiply({keys, row, 1}, room.queries.data(), lanes, room.zeros.data(), 0, scores, lanes, shape.length, shape.depth,
           lanes);
  const float scale = shape.scale();
  for (int64_t j = 0; j < shape.length; j++) {
    float* ofKey = scores + j * lanes;
    for (int64_t i = 0; i < lanes; i++) ofKey[i] *= scale;
    if (mask.data == nullptr) continue;
    const float* added = mask.data + first * mask.query + j * mask.key;
    for (int64_t i = 0; i < count; i++) ofKey[i] += added[i * mask.query];
  }
}

// Turns scores to what softmax divides by the sums, and gives each query's highest score and sum.
INLINE void exponentials(float* scores, int64_t length, int64_t lanes, float* highest, float* sums) {
  std::copy(scores, scores + lanes, highest);
  for (int64_t j = 1; j < length; j++) {
    const float* ofKey = scores + j * lanes;
    for (int64_t i = 0; i < lanes; i++) highest[i] = ofKey[i] > highest[i] ? ofKey[i] : highest[i];
  }
  std::fill(sums, sums + lanes, 0.0f);
  for (int64_t j = 0; j < length; j++) {
    float* ofKey = scores + j * lanes;
    for (int64_t i = 0; i < lanes; i++) {
      ofKey[i] = exponential(ofKey[i] - highest[i]);
      sums[i] += ofKey[i];
    }
  }
}

// One head of one sequence: x and y point to its first query and its first output.
FOR_EACH_PROCESSOR void attend(const float* x, const float* bias, const Shape& shape, const Mask& mask, Room& room,
                               float* y) {
  const auto [length, heads, depth] = shape;
  const int64_t width = shape.width(), row = 3 * width, lanes = room.lanes;
  float *shares = room.shares.data(), *highest = room.sums.data(), *sums = highest + lanes;
  for (int64_t first = 0; first < length; first += kQueries) {
    const int64_t count = std::min(kQueries, length - first);
    turn(x + first * row, row, bias, count, depth, lanes, room.queries.data());
    scores(x + width, row, shape, mask, first, count, room, shares);
    exponentials(shares, length, lanes, highest, sums);
    float* gathered = y + first * width;
    multiply({shares, 1, lanes}, x + 2 * width, row, room.zeros.data(), 0, gathered, width, count, length, depth);
    for (int64_t i = 0; i < count; i++) {
      const float share = 1.0f / sums[i];
      for (int64_t d = 0; d < depth; d++) {
        gathered[i * width + d] = gathered[i * width + d] * share + bias[2 * width + d];
      }
    }
  }
}

INLINE void sumRows(const float* rows, int64_t row, int64_t count, int64_t columns, float* sums) {
  std::fill(sums, sums + columns, 0.0f);
  for (int64_t i = 0; i < count; i++) {
    for (int64_t d = 0; d < columns; d++) sums[d] += rows[i * row + d];
  }
}

// The gradient of one head of one sequence. dx has the layout of x, and biasGradient one row of it.
FOR_EACH_PROCESSOR void attendGradient(const float* dy, const float* x, const float* bias, const Shape& shape,
                                       const Mask& mask, Room& room, float* dx, float* biasGradient) {
  const auto [length, heads, depth] = shape;
  const int64_t width = shape.width(), row = 3 * width, lanes = room.lanes;
  const float scale = shape.scale();
  float *shares = room.shares.data(), *slopes = room.shareSlopes.data();
  float *highest = room.sums.data(), *sums = highest + lanes;
  const float* zeros = room.zeros.data();
  for (int64_t first = 0; first < length; first += kQueries) {
    const int64_t count = std::min(kQueries, length - first);
    const float *queries = x + first * row, *dyRows = dy + first * width;
    turn(queries, row, bias, count, depth, lanes, room.queries.data());
    turn(dyRows, width, nullptr, count, depth, lanes, room.slopes.data());
    for (int64_t i = 0; i < count; i++) {
      for (int64_t d = 0; d < depth; d++) room.queryRows[i * depth + d] = queries[i * row + d] + bias[d];
    }
    scores(x + width, row, shape, mask, first, count, room, shares);
    exponentials(shares, length, lanes, highest, sums);
    // From here on, one over the sums; and what the slopes come to, weighed by the shares.
    for (int64_t i = 0; i < lanes; i++) {
      sums[i] = 1.0f / sums[i];
      highest[i] = 0;
    }
    multiply({x + 2 * width, row, 1}, room.slopes.data(), lanes, zeros, 0, slopes, lanes, length, depth, lanes);
    for (int64_t j = 0; j < length; j++) {
      float *share = shares + j * lanes, *slope = slopes + j * lanes;
      for (int64_t i = 0; i < lanes; i++) {
        share[i] *= sums[i];
        highest[i] += share[i] * slope[i];
      }
    }
    for (int64_t j = 0; j < length; j++) {
      float *share = shares + j * lanes, *slope = slopes + j * lanes;
      for (int64_t i = 0; i < lanes; i++) slope[i] = scale * share[i] * (slope[i] - highest[i]);
    }
    float *ofQueries = dx + first * row, *ofKeys = dx + width, *ofValues = dx + 2 * width;
    multiply({slopes, 1, lanes}, x + width, row, zeros, 0, ofQueries, row, count, length, depth);
    // Keys and values take what every block of queries has for them.
    const int64_t startRow = first == 0 ? 0 : row;
    multiply({slopes, lanes, 1}, room.queryRows.data(), depth, first == 0 ? zeros : ofKeys, startRow, ofKeys, row,
             length, count, depth);
    multiply({shares, lanes, 1}, dyRows, width, first == 0 ? zeros : ofValues, startRow, ofValues, row, length, count,
             depth);
  }
  for (int kind = 0; kind < 3; kind++) {
    sumRows(dx + kind * width, row, length, depth, biasGradient + kind * width);
  }
}

// The mask of a sequence, from a tensor [batch or 1, 1, length or 1, length].
Mask maskOf(Call& call, int index, int64_t sample) {
  const auto sides = call.shape(index);
  const int64_t queries = sides[2], keys = sides[3];
  return {call.input(index) + (sides[0] == 1 ? 0 : sample * queries * keys), queries == 1 ? 0 : keys, 1};
}

// Calls work(sample, head, room) for every head of every sequence.
template <typename Work>
void forEachHead(int64_t batch, const Shape& shape, const Work& work) {
  const int64_t all = batch * shape.heads;
  share(all, partsOf(all, shape.length * shape.length), [&](int, int64_t from, int64_t to) {
    Room room(shape);
    for (int64_t head = from; head < to; head++) work(head / shape.heads, head % shape.heads, room);
  });
}

std::vector<Mask> masksOf(Call& call, int index, const Heads& attributes) {
  std::vector<Mask> masks(attributes.batch);
  if (attributes.masks == 0) return masks;
  for (int64_t sample = 0; sample < attributes.batch; sample++) masks[sample] = maskOf(call, index, sample);
  return masks;
}

void computeAttention(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Heads& attributes = *static_cast<Heads*>(kernel);
  const float *x = call.input(0), *bias = call.input(1);
  const auto sides = call.shape(0);
  const Shape shape = {sides[0] / attributes.batch, attributes.heads, sides[1] / 3 / attributes.heads};
  const auto masks = masksOf(call, 2, attributes);
  const int64_t width = shape.width();
  float* y = call.output(0, {sides[0], width});
  if (y == nullptr) return;
  forEachHead(attributes.batch, shape, [&](int64_t sample, int64_t head, Room& room) {
    const int64_t row = sample * shape.length, column = head * shape.depth;
    attend(x + row * 3 * width + column, bias + column, shape, masks[sample], room, y + row * width + column);
  });
}

void computeAttentionGradient(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Heads& attributes = *static_cast<Heads*>(kernel);
  const float *dy = call.input(0), *x = call.input(1), *bias = call.input(2);
  const auto sides = call.shape(1);
  const Shape shape = {sides[0] / attributes.batch, attributes.heads, sides[1] / 3 / attributes.heads};
  const auto masks = masksOf(call, 3, attributes);
  const int64_t width = shape.width();
  float *dx = call.output(0, sides), *biasGradient = call.output(1, {3 * width});
  if (dx == nullptr || biasGradient == nullptr) return;
  std::vector<float> sums(attributes.batch * 3 * width);
  forEachHead(attributes.batch, shape, [&](int64_t sample, int64_t head, Room& room) {
    const int64_t row = sample * shape.length, column = head * shape.depth;
    attendGradient(dy + row * width + column, x + row * 3 * width + column, bias + column, shape, masks[sample], room,
                   dx + row * 3 * width + column, sums.data() + sample * 3 * width + column);
  });
  sumRows(sums.data(), 3 * width, attributes.batch, 3 * width, biasGradient);
}

const Create create = [](TF_OpKernelConstruction* construction) -> void* {
  return new Heads{integerOf(construction, "batch"), integerOf(construction, "heads"),
                   integerOf(construction, "masks")};
};
const Delete remove = [](void* kernel) { delete static_cast<Heads*>(kernel); };
const std::vector<const char*> attributes = {"batch: int", "heads: int", "masks: int >= 0"};
const bool added = add("ChronogradAttention", {"x: float", "bias: float", "mask: masks * float"}, {"y: float"},
                       attributes, computeAttention, create, remove) &&
                   add("ChronogradAttentionGradient",
                       {"dy: float", "x: float", "bias: float", "mask: masks * float"},
                       {"dx: float", "bias_gradient: float"}, attributes, computeAttentionGradient, create, remove);

}  // namespace
