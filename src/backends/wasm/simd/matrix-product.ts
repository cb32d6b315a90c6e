import { f32, f32x4, i32, store, type Value, v128 } from '../../../webassembly/instructions.ts'
import type { Call, Local, ModuleBuilder } from '../../../webassembly/module-builder.ts'
import { definePack } from './pack.ts'

/** The rows and columns of the product that are summed in registers at a time: sixteen vectors are there. */
const tileRows = 4
const tileColumns = 8
/** How much of the matrices is laid out anew at a time: what is used again and again stays in the second cache. */
const rowsAtOnce = 64
const depthAtOnce = 256
const columnsAtOnce = 512

const float = 4
const blockBytes = { rows: rowsAtOnce * depthAtOnce * float, columns: columnsAtOnce * depthAtOnce * float }

/** How much memory a product needs beside its matrices. */
export const productScratchBytes = blockBytes.rows + blockBytes.columns + tileRows * tileColumns * float

/**
 * `multiply` computes the product of two matrices, each of which may lie in memory either way round, so that neither is
 * transposed first. Blocks of both are laid out in panels of the tile's sides, and every tile of the result is summed in
 * registers along a block (Goto and van de Geijn 2008). With `relaxed` the engine is asked to multiply and add in one
 * instruction.
 *
 * Its inputs: the left matrix, its bytes from row to row and along a row; the right matrix, its bytes from column to
 * column and along a column; the result, its bytes from row to row; the result's rows and columns, and the numbers that
 * each of its elements sums; not 0 to add to what is there; `productScratchBytes` of memory.
 */
export function defineMatrixProduct(builder: ModuleBuilder, { relaxed }: { relaxed: boolean }): void {
  const packRows = definePack(builder, 'packRows', tileRows)
  const packColumns = definePack(builder, 'packColumns', tileColumns)
  const multiplyTile = defineTile(builder, relaxed ? f32x4.relaxedMultiplyAdd : multiplyThenAdd)
  const copyTile = defineCopy(builder)
  const multiplyPanels = definePanels(builder, multiplyTile, copyTile)
  builder.define('multiply', 13, (writer, left, leftRow, leftStride, right, rightColumn, rightStride, ...rest) => {
    const [product, productRow, rows, columns, depth, add, scratch] = rest as Locals7
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
          writer.run(packRows(leftBlock, scratch, rowCount, length, leftRow, leftStride))
          const corner = i32.add(i32.add(product, i32.multiply(column, float)), i32.multiply(row, productRow))
          const sides = [productRow, rowCount, columnCount, length] as const
          // All but the first block of depth add to what those before have summed.
          writer.run(multiplyPanels(scratch, columnPanels, corner, ...sides, i32.add(add, place), edge))
        })
      })
    })
  })
}

type Pair = [Local<'i32'>, Local<'i32'>]
type Locals7 = [...Pair, ...Pair, ...Pair, Local<'i32'>]

/**
 * `multiplyPanels`: the panels of rows and of columns, a block of the result, its bytes from row to row, its rows and
 * columns, the panels' length, not 0 to add, memory for a tile.
 */
function definePanels(builder: ModuleBuilder, multiplyTile: Call, copyTile: Call): Call {
  return builder.define(
    'multiplyPanels',
    9,
    (writer, rowPanels, columnPanels, block, blockRow, rows, columns, length, add, edge) =>
      writer.loop(0, columns, tileColumns, column => {
        const right = writer.keep(i32.add(columnPanels, i32.multiply(i32.multiply(column, float), length)))
        const tile = writer.keep(i32.add(block, i32.multiply(column, float)))
        const width = writer.keep(i32.minimum(i32.subtract(columns, column), tileColumns))
        writer.loop(0, rows, tileRows, row => {
          const left = writer.keep(i32.add(rowPanels, i32.multiply(i32.multiply(row, float), length)))
          const height = writer.keep(i32.minimum(i32.subtract(rows, row), tileRows))
          writer.when(
            i32.equal(i32.multiply(height, width), tileRows * tileColumns),
            () => writer.run(multiplyTile(left, right, tile, length, blockRow, add)),
            () => {
              // Computed whole beside the result, for its part that lies within.
              const edgeRow = tileColumns * float
              writer.run(copyTile(tile, blockRow, edge, edgeRow, height, width))
              writer.run(multiplyTile(left, right, edge, length, edgeRow, add))
              writer.run(copyTile(edge, edgeRow, tile, blockRow, height, width))
            },
          )
          writer.set(tile, i32.add(tile, i32.multiply(tileRows, blockRow)))
        })
      }),
  )
}

function multiplyThenAdd(a: Value<'v128'>, b: Value<'v128'>, c: Value<'v128'>): Value<'v128'> {
  return f32x4.add(c, f32x4.multiply(a, b))
}

/**
 * `multiplyTile`: the panel of rows, the panel of columns, a tile of the result, the panels' length, the bytes from row
 * to row of the tile, not 0 to add.
 */
function defineTile(builder: ModuleBuilder, multiplyAdd: typeof f32x4.relaxedMultiplyAdd): Call {
  return builder.define('multiplyTile', 6, (writer, rows, columns, tile, length, tileRow, add) => {
    const offsets = Array.from({ length: tileColumns / 4 }, (_, vector) => 16 * vector)
    const sums = Array.from({ length: tileRows }, () =>
      offsets.map(offset => ({ offset, sum: writer.keep(f32x4.splat(0)) })),
    )
    const end = writer.keep(i32.add(rows, i32.multiply(length, tileRows * float)))
    writer.repeat(i32.less(rows, end), () => {
      const right = offsets.map(offset => writer.keep(v128.load(columns, offset)))
      for (const [row, rowSums] of sums.entries()) {
        const left = writer.keep(v128.loadSplat(rows, row * float))
        for (const [vector, { sum }] of rowSums.entries()) {
          writer.set(sum, multiplyAdd(left, right[vector] as Local<'v128'>, sum))
        }
      }
      writer.set(columns, i32.add(columns, tileColumns * float))
      writer.set(rows, i32.add(rows, tileRows * float))
    })
    const write = (value: (sum: Value<'v128'>, offset: number) => Value<'v128'>) => {
      for (const rowSums of sums) {
        for (const { offset, sum } of rowSums) writer.run(store.v128(tile, value(sum, offset), offset))
        writer.set(tile, i32.add(tile, tileRow))
      }
    }
    writer.when(
      add,
      () => write((sum, offset) => f32x4.add(v128.load(tile, offset), sum)),
      () => write(sum => sum),
    )
  })
}

/** `copyTile`: from, the bytes from row to row there, to, the bytes from row to row there, rows, columns. */
function defineCopy(builder: ModuleBuilder): Call {
  return builder.define('copyTile', 6, (writer, from, fromRow, to, toRow, rows, columns) =>
    writer.loop(0, rows, 1, () => {
      writer.loop(0, i32.multiply(columns, float), float, at =>
        writer.run(store.f32(i32.add(to, at), f32.load(i32.add(from, at)))),
      )
      writer.set(from, i32.add(from, fromRow))
      writer.set(to, i32.add(to, toRow))
    }),
  )
}
