// Functions of one number in arithmetic that compilers turn into the processor's vectors.
#pragma once

#include <cstdint>
#include <cstring>

// One version of each loop for every generation of processors, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define FOR_EACH_PROCESSOR
#endif

// Whole functions must be there in each version of a loop.
#define INLINE static inline __attribute__((always_inline))

// e^x for x up to 0, to about one unit in the last place. At -88 and below the power of two is 0, and so is all.
INLINE float exponential(float x) {
  x = x < -88.0f ? -88.0f : x;
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
