/** Squares of this side are turned at a time: their rows and columns together stay in the first cache. */
const blockSide = 8

/** Writes the transpose of a `rows` × `columns` matrix at `from` in `source` to `to` in `target`. */
export function transposeBlocks(
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  { rows, columns }: { rows: number; columns: number },
): void {
  for (let firstRow = 0; firstRow < rows; firstRow += blockSide) {
    const lastRow = Math.min(firstRow + blockSide, rows)
    for (let firstColumn = 0; firstColumn < columns; firstColumn += blockSide) {
      const lastColumn = Math.min(firstColumn + blockSide, columns)
      for (let column = firstColumn; column < lastColumn; column++) {
        for (let row = firstRow; row < lastRow; row++) {
          target[to + column * rows + row] = source[from + row * columns + column] as number
        }
      }
    }
  }
}
