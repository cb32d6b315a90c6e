// Sharing the rows of an operation among threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

// As many threads as TensorFlow itself uses for one operation.
inline int threadCount() {
  static const int count = [] {
    const char* told = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = told == nullptr ? 0 : std::atoi(told);
    return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

// How many threads share `rows` of `columns` numbers: none gets so few that starting it would cost more.
inline int partsOf(int64_t rows, int64_t columns) {
  const int64_t worthwhile = rows * columns / 32768;
  return static_cast<int>(std::max<int64_t>(1, std::min<int64_t>({threadCount(), rows, worthwhile})));
}

// Calls work(part, from, to) for each part of the rows, the last one on this thread.
inline void share(int64_t rows, int parts, const std::function<void(int, int64_t, int64_t)>& work) {
  std::vector<std::thread> threads;
  for (int part = 0; part < parts - 1; part++) {
    threads.emplace_back(work, part, rows * part / parts, rows * (part + 1) / parts);
  }
  work(parts - 1, rows * (parts - 1) / parts, rows);
  for (auto& thread : threads) thread.join();
}

// Shares `rows` in blocks of always the same size, each of which adds to `count` sums of its own: work(from, to, sums).
// What they come to, in the order of the blocks, is the same with any number of threads.
inline void shareWithSums(int64_t rows, int64_t columns, int64_t count, float* totals,
                          const std::function<void(int64_t, int64_t, float*)>& work) {
  constexpr int64_t kBlock = 256;
  const int64_t blocks = (rows + kBlock - 1) / kBlock;
  std::vector<float> sums(blocks * count, 0.0f);
  share(blocks, std::min<int64_t>(blocks, partsOf(rows, columns)), [&](int, int64_t from, int64_t to) {
    for (int64_t block = from; block < to; block++) {
      work(block * kBlock, std::min(rows, (block + 1) * kBlock), sums.data() + block * count);
    }
  });
  std::fill(totals, totals + count, 0.0f);
  for (int64_t block = 0; block < blocks; block++) {
    for (int64_t i = 0; i < count; i++) totals[i] += sums[block * count + i];
  }
}
