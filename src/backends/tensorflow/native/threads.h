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
