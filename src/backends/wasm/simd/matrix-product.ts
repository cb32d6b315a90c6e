import { f32, f32x4, i32, store, v128, type Value } from './instructions.ts'
import type { Call, FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'

/** The rows and columns of the product that are summed in registers at a time: sixteen are there. */
export const tileRows = Number(process.env.MR ?? 4)
export const tileColumns = 8
/** How much of the matrices is laid out anew at a time: the rows' part stays in the second cache. */
const rowsAtOnce = Number(process.env.MC ?? 64)
const depthAtOnce = Number(process.env.KC ?? 256)
const columnsAtOnce = 512

const floats = 4
const blockBytes = { rows: rowsAtOnce * depthAtOnce * floats, columns: columnsAtOnce * depthAtOnce * floats }

/** How much memory a product needs beside its matrices. */
export const productScratchBytes = blockBytes.rows + blockBytes.columns + tileRows * tileColumns * floats

/**
 * `pack` lays lines of numbers side by side in panels: for each place along the lines, the numbers of as many lines as a
 * panel has, zeros where there are no more. Its inputs: source, target, lines, length, the bytes from line to line, the
 * bytes along a line.
 */
function definePack(builder: ModuleBuilder, name: string, width: number): Call {
  const vectors = width / 4
  return builder.define(name, 6, (writer, source, target, lines, length, lineStride, stride) => {
    writer.loop(0, lines, width, line => {
      const from = writer.keep(i32.add(source, i32.multiply(line, lineStride)))
      const to = writer.keep(i32.add(target, i32.multiply(i32.multiply(line, length), floats)))
      const oneByOne = (first: Local<'i32'> | number, count: Value<'i32'> | number) =>
        writer.loop(first, length, 1, place => {
          const read = i32.add(from, i32.multiply(place, stride))
          const write = i32.add(to, i32.multiply(place, width * floats))
          writer.loop(0, count, 1, index => {
            const value = f32.load(i32.add(read, i32.multiply(index, lineStride)))
            writer.run(store.f32(i32.add(write, i32.shiftLeft(index, 2)), value))
          })
        })
      const whole = i32.less(width - 1, i32.subtract(lines, line))
      writer.when(
        whole,
        () =>
          writer.when(
            i32.equal(lineStride, floats),
            () => {
              // The lines lie side by side already.
              writer.loop(0, length, 1, () => {
                for (let vector = 0; vector < vectors; vector++) {
                  writer.run(store.v128(to, v128.load(from, vector * 16), vector * 16))
                }
                writer.set(from, i32.add(from, stride))
                writer.set(to, i32.add(to, width * floats))
              })
            },
            () => {
              const turned = writer.keep(i32.and(length, -4))
              writer.when(
                i32.equal(stride, floats),
                () => {
                  const start = writer.keep(from)
                  const begin = writer.keep(to)
                  writer.loop(0, turned, 4, () => {
                    const read = writer.keep(from)
                    for (let vector = 0; vector < vectors; vector++) {
                      const rows = [0, 1, 2, 3].map(() => {
                        const row = writer.keep(v128.load(read))
                        writer.set(read, i32.add(read, lineStride))
                        return row
                      })
                      for (const [place, column] of transposed(writer, rows).entries()) {
                        writer.run(store.v128(to, column, place * width * floats + vector * 16))
                      }
                    }
                    writer.set(from, i32.add(from, 16))
                    writer.set(to, i32.add(to, width * 16))
                  })
                  writer.set(from, start)
                  writer.set(to, begin)
                  oneByOne(turned, width)
                },
                () => oneByOne(0, width),
              )
            },
          ),
        () => {
          const zero = f32x4.splat(0)
          writer.loop(to, i32.add(to, i32.multiply(length, width * floats)), 16, at => writer.run(store.v128(at, zero)))
          oneByOne(0, i32.subtract(lines, line))
        },
      )
    })
  })
}

/** Four rows of four numbers as four columns. */
function transposed(writer: FunctionWriter, rows: readonly Local<'v128'>[]): Value<'v128'>[] {
  const [a, b, c, d] = rows as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>]
  const low = writer.keep(v128.shuffle(a, b, [0, 4, 1, 5]))
  const high = writer.keep(v128.shuffle(a, b, [2, 6, 3, 7]))
  const otherLow = writer.keep(v128.shuffle(c, d, [0, 4, 1, 5]))
  const otherHigh = writer.keep(v128.shuffle(c, d, [2, 6, 3, 7]))
  return [
    v128.shuffle(low, otherLow, [0, 1, 4, 5]),
    v128.shuffle(low, otherLow, [2, 3, 6, 7]),
    v128.shuffle(high, otherHigh, [0, 1, 4, 5]),
    v128.shuffle(high, otherHigh, [2, 3, 6, 7]),
  ]
}

/**
 * `multiplyTile` adds the product of two panels to a tile of the result, or begins it. Its inputs: the panel of rows, the
 * panel of columns, the tile, the panels' length, the bytes from row to row of the tile, whether to add.
 */
function defineTile(builder: ModuleBuilder): Call {
  return builder.define('multiplyTile', 6, (writer, rows, columns, tile, length, rowStride, add) => {
    const vectors = tileColumns / 4
    const sums = Array.from({ length: tileRows }, () =>
      Array.from({ length: vectors }, () => writer.keep(f32x4.splat(0))),
    )
    const end = writer.keep(i32.add(rows, i32.multiply(length, tileRows * floats)))
    const unrolled = Number(process.env.UN ?? 1)
    const step = (k: number) => {
      const right = Array.from({ length: vectors }, (_, vector) => writer.keep(v128.load(columns, k * tileColumns * floats + vector * 16)))
      for (const [row, rowSums] of sums.entries()) {
        const left = writer.keep(v128.loadSplat(rows, (k * tileRows + row) * floats))
        for (const [vector, sum] of rowSums.entries()) {
          writer.set(sum, f32x4.add(sum, f32x4.multiply(left, right[vector] as Local<'v128'>)))
        }
      }
    }
    if (unrolled > 1) {
      const mainEnd = writer.keep(i32.add(rows, i32.multiply(i32.and(length, -unrolled), tileRows * floats)))
      writer.repeat(i32.less(rows, mainEnd), () => {
        for (let k = 0; k < unrolled; k++) step(k)
        writer.set(columns, i32.add(columns, unrolled * tileColumns * floats))
        writer.set(rows, i32.add(rows, unrolled * tileRows * floats))
      })
    }
    writer.repeat(i32.less(rows, end), () => {
      step(0)
      writer.set(columns, i32.add(columns, tileColumns * floats))
      writer.set(rows, i32.add(rows, tileRows * floats))
    })
    const write = (value: (sum: Value<'v128'>, offset: number) => Value<'v128'>) => {
      const at = writer.keep(tile)
      for (const rowSums of sums) {
        for (const [vector, sum] of rowSums.entries()) {
          const offset = vector * 16
          writer.run(store.v128(at, value(f32x4.add(v128.load(at, offset), sum), offset), offset))
        }
        writer.set(at, i32.add(at, rowStride))
      }
    }
    void write
    const at = writer.keep(tile)
    const each = (value: (sum: Value<'v128'>, offset: number) => Value<'v128'>) => {
      for (const rowSums of sums) {
        for (const [vector, sum] of rowSums.entries()) {
          const offset = vector * 16
          writer.run(store.v128(at, value(sum, offset), offset))
        }
        writer.set(at, i32.add(at, rowStride))
      }
    }
    writer.when(
      add,
      () => each((sum, offset) => f32x4.add(v128.load(at, offset), sum)),
      () => each(sum => sum),
    )
  })
}

/** `copyTile`: from, the bytes from row to row there, to, the bytes from row to row there, rows, columns. */
function defineCopy(builder: ModuleBuilder): Call {
  return builder.define('copyTile', 6, (writer, from, fromStride, to, toStride, rows, columns) =>
    writer.loop(0, rows, 1, () => {
      writer.loop(0, i32.shiftLeft(columns, 2), floats, at =>
        writer.run(store.f32(i32.add(to, at), f32.load(i32.add(from, at)))),
      )
      writer.set(from, i32.add(from, fromStride))
      writer.set(to, i32.add(to, toStride))
    }),
  )
}

/**
 * `multiply` computes the product of two matrices, each of which may lie in memory either way round, so that neither is
 * transposed first. Blocks of both are laid out in panels of the tile's sides, and every tile of the result is summed in
 * registers along a block (Goto and van de Geijn 2008). Its inputs: the left matrix, its bytes from row to row and along
 * a row; the right matrix, its bytes from column to column and along a column; the result, its bytes from row to row;
 * the result's rows and columns, and the numbers that each of its elements sums; whether to add to what is there;
 * `productScratchBytes` of memory.
 */
export function defineMatrixProduct(builder: ModuleBuilder): void {
  const packRows = definePack(builder, 'packRows', tileRows)
  const packColumns = definePack(builder, 'packColumns', tileColumns)
  const multiplyTile = defineTile(builder)
  const copyTile = defineCopy(builder)
  builder.define('multiply', 13, (writer, ...inputs) => {
    const [left, leftRow, leftStride, right, rightColumn, rightStride, product, productRow] = inputs as Locals8
    const [rows, columns, depth, add, scratch] = inputs.slice(8) as Locals5
    const rowPanels = scratch
    const columnPanels = writer.keep(i32.add(scratch, blockBytes.rows))
    const edge = writer.keep(i32.add(columnPanels, blockBytes.columns))
    writer.loop(0, columns, columnsAtOnce, column => {
      const columnCount = writer.keep(i32.minimum(i32.subtract(columns, column), columnsAtOnce))
      writer.loop(0, depth, depthAtOnce, place => {
        const length = writer.keep(i32.minimum(i32.subtract(depth, place), depthAtOnce))
        const rightBlock = i32.add(i32.add(right, i32.multiply(column, rightColumn)), i32.multiply(place, rightStride))
        writer.run(packColumns(rightBlock, columnPanels, columnCount, length, rightColumn, rightStride))
        writer.loop(0, rows, rowsAtOnce, row => {
          const rowCount = writer.keep(i32.minimum(i32.subtract(rows, row), rowsAtOnce))
          const leftBlock = i32.add(i32.add(left, i32.multiply(row, leftRow)), i32.multiply(place, leftStride))
          writer.run(packRows(leftBlock, rowPanels, rowCount, length, leftRow, leftStride))
          writer.loop(0, columnCount, tileColumns, tileColumn => {
            const rightPanel = writer.keep(i32.add(columnPanels, i32.multiply(i32.shiftLeft(tileColumn, 2), length)))
            const columnBytes = i32.shiftLeft(i32.add(column, tileColumn), 2)
            const tile = writer.keep(i32.add(i32.add(product, columnBytes), i32.multiply(row, productRow)))
            const width = writer.keep(i32.minimum(i32.subtract(columnCount, tileColumn), tileColumns))
            writer.loop(0, rowCount, tileRows, tileRow => {
              const leftPanel = i32.add(rowPanels, i32.multiply(i32.shiftLeft(tileRow, 2), length))
              const height = writer.keep(i32.minimum(i32.subtract(rowCount, tileRow), tileRows))
              const adds = i32.add(add, place)
              writer.when(
                i32.equal(i32.multiply(height, width), tileRows * tileColumns),
                () => writer.run(multiplyTile(leftPanel, rightPanel, tile, length, productRow, adds)),
                () => {
                  // Computed whole beside the result, for its part that lies within.
                  const edgeRow = tileColumns * floats
                  writer.run(copyTile(tile, productRow, edge, edgeRow, height, width))
                  writer.run(multiplyTile(leftPanel, rightPanel, edge, length, edgeRow, adds))
                  writer.run(copyTile(edge, edgeRow, tile, productRow, height, width))
                },
              )
              writer.set(tile, i32.add(tile, i32.multiply(tileRows, productRow)))
            })
          })
        })
      })
    })
  })
}

type L = Local<'i32'>
type Locals8 = [L, L, L, L, L, L, L, L]
type Locals5 = [L, L, L, L, L]
