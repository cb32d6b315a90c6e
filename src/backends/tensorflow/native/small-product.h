// Products of matrices that fit into the processor's caches, as attention has them for each head.
#pragma once

#include <cstdint>
#include <type_traits>

#include "functions.h"

// Numbers laid out in rows: the one in row i and column j is at data[i * row + j * column].
struct Matrix {
  const float* data;
  int64_t row;
  int64_t column;
};

// A piece of the product, in sums that stay in registers and start from what the rows at `start` have.
template <int Rows, int Columns>
INLINE void multiplyTile(Matrix a, const float* b, int64_t bRow, const float* start, int64_t startRow, float* c,
                         int64_t cRow, int64_t steps) {
  float sums[Rows][Columns];
  for (int row = 0; row < Rows; row++) {
    for (int column = 0; column < Columns; column++) sums[row][column] = start[row * startRow + column];
  }
  for (int64_t step = 0; step < steps; step++, a.data += a.column, b += bRow) {
    for (int column = 0; column < Columns; column++) {
      for (int row = 0; row < Rows; row++) sums[row][column] += a.data[row * a.row] * b[column];
    }
  }
  for (int row = 0; row < Rows; row++) {
    for (int column = 0; column < Columns; column++) c[row * cRow + column] = sums[row][column];
  }
}

// As many columns as it takes are done at once, then half as many of those that are left, and so on.
template <int Columns>
INLINE void multiplyColumns(Matrix a, const float* b, int64_t bRow, const float* start, int64_t startRow, float* c,
                            int64_t cRow, int64_t rows, int64_t steps, int64_t columns) {
  constexpr int kRows = 4;
  for (; columns >= Columns; columns -= Columns, b += Columns, start += Columns, c += Columns) {
    const auto tile = [=](auto rowsAtOnce, int64_t row) __attribute__((always_inline)) {
      multiplyTile<decltype(rowsAtOnce)::value, Columns>({a.data + row * a.row, a.row, a.column}, b, bRow,
                                                         start + row * startRow, startRow, c + row * cRow, cRow, steps);
    };
    int64_t row = 0;
    for (; row + kRows <= rows; row += kRows) tile(std::integral_constant<int, kRows>(), row);
    for (; row < rows; row++) tile(std::integral_constant<int, 1>(), row);
  }
  if constexpr (Columns > 1) {
    multiplyColumns<Columns / 2>(a, b, bRow, start, startRow, c, cRow, rows, steps, columns);
  }
}

// Makes c [rows, columns] the product of a [rows, steps] and b [steps, columns], plus what it starts from: a matrix, or
// where startRow is 0 one row for all. Rows of b, of the start and of c lie bRow, startRow and cRow apart.
FOR_EACH_PROCESSOR static void multiply(Matrix a, const float* b, int64_t bRow, const float* start, int64_t startRow,
                                        float* c, int64_t cRow, int64_t rows, int64_t steps, int64_t columns) {
  multiplyColumns<32>(a, b, bRow, start, startRow, c, cRow, rows, steps, columns);
}
