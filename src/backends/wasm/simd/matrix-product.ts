import { f32x4, type Integer, i32, integer, type Value } from './instructions.ts'
import type { Call, FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'
import { definePack } from './pack.ts'
import { defineTiles, type Lines, type MultiplyAdd, tileColumns, tileRows } from './tiles.ts'

/** How much of the matrices is worked on at a time: what is used again and again stays in the second cache. */
const rowsAtOnce = 64
const depthAtOnce = 256
const columnsAtOnce = 512
/** A few rows more, where no others come after them. */
const rowsAtMost = rowsAtOnce + tileRows

const float = 4
const rowsBytes = rowsAtMost * depthAtOnce * float
const columnsBytes = columnsAtOnce * depthAtOnce * float
/** What lies as far apart as this, from its first number to its last, is used where it lies: the first cache holds it. */
const nearBytes = 24576

/** For fewer columns it takes longer to lay out rows than to read them where they lie. */
const columnsWorthPanels = 72

/** How much memory a product needs beside its matrices. */
export const productScratchBytes = rowsBytes + columnsBytes

/**
 * `multiply` computes products of two matrices, each of which may lie in memory either way round, so that neither is
 * transposed first. Every tile of the result is summed in registers along a block of depth (Goto and van de Geijn 2008).
 * Blocks that the tiles cannot read well where they lie are laid out in panels first. With `relaxed` the engine is asked
 * to multiply and add in one instruction.
 *
 * Its inputs: the left matrix, its bytes from row to row and along a row; the right matrix, its bytes from column to
 * column and along a column; the result, its bytes from row to row; the result's rows and columns, and the numbers that
 * each of its elements sums; not 0 to add to what is there; `productScratchBytes` of memory.
 *
 * `multiplyPairs` does so for a batch. Its inputs: how many pairs of matrices; the bytes from one left matrix, right matrix
 * and result to the next; then those of `multiply`.
 */
export function defineMatrixProduct(builder: ModuleBuilder, { relaxed }: { relaxed: boolean }): void {
  const packRows = definePack(builder, 'packRows', tileRows)
  const packColumns = definePack(builder, 'packColumns', tileColumns)
  const multiplyTiles = defineTiles(builder, relaxed ? f32x4.relaxedMultiplyAdd : multiplyThenAdd)
  const multiply = builder.define(
    'multiply',
    13,
    (writer, left, leftRow, leftStride, right, rightColumn, rightStride, ...rest) => {
      const [product, productRow, rows, columns, depth, add, scratch] = rest as Locals7
      const near = (line: Integer, stride: Integer) =>
        i32.and(i32.equal(line, float), i32.less(i32.multiply(depth, stride), nearBytes))
      const fewColumns = i32.less(columns, columnsWorthPanels)
      const leftIsPlain = writer.keep(
        i32.or(i32.and(i32.equal(leftStride, float), fewColumns), near(leftRow, leftStride)),
      )
      // Tiles read whole vectors of columns, also where a last one has fewer.
      const wholeVectors = i32.equal(i32.and(columns, 3), 0)
      const rightIsPlain = writer.keep(i32.and(near(rightColumn, rightStride), wholeVectors))
      const toLeftPanels = { pack: packRows, width: tileRows, to: scratch, isPlain: leftIsPlain }
      const toColumns = writer.keep(i32.add(scratch, rowsBytes))
      const toRightPanels = { pack: packColumns, width: tileColumns, to: toColumns, isPlain: rightIsPlain }
      writer.loop(0, columns, columnsAtOnce, column => {
        const columnCount = writer.keep(i32.minimum(i32.subtract(columns, column), columnsAtOnce))
        writer.loop(0, depth, depthAtOnce, place => {
          const length = writer.keep(i32.minimum(i32.subtract(depth, place), depthAtOnce))
          const rightLines = layOut(writer, toRightPanels, {
            first: at(right, [column, rightColumn], [place, rightStride]),
            ...{ line: rightColumn, stride: rightStride, length, count: columnCount },
          })
          const row = writer.keep(integer(0))
          writer.repeat(i32.less(row, rows), () => {
            const rowCount = writer.keep(i32.subtract(rows, row))
            writer.when(i32.less(rowsAtMost, rowCount), () => writer.set(rowCount, integer(rowsAtOnce)))
            const leftLines = layOut(writer, toLeftPanels, {
              first: at(left, [row, leftRow], [place, leftStride]),
              ...{ line: leftRow, stride: leftStride, length, count: rowCount },
            })
            multiplyTiles(writer, {
              left: leftLines,
              right: rightLines,
              length,
              rows: rowCount,
              columns: columnCount,
              product: writer.keep(at(product, [row, productRow], [column, float])),
              productRow,
              // All but the first block of depth add to what those before have summed.
              add: writer.keep(i32.or(add, place)),
            })
            writer.set(row, i32.add(row, rowCount))
          })
        })
      })
    },
  )
  // Calls from JavaScript take as long as a small product.
  builder.define('multiplyPairs', 17, (writer, pairs, leftPair, rightPair, productPair, ...inputs) => {
    const [left, , , right, , , product] = inputs as [...Locals7, ...Locals7]
    writer.loop(0, pairs, 1, () => {
      writer.run(multiply(...inputs))
      writer.set(left, i32.add(left, leftPair))
      writer.set(right, i32.add(right, rightPair))
      writer.set(product, i32.add(product, productPair))
    })
  })
}

type Pair = [Local<'i32'>, Local<'i32'>]
type Locals7 = [...Pair, ...Pair, ...Pair, Local<'i32'>]

/** The address of a place, so many steps of so many bytes from another. */
function at(from: Local<'i32'>, ...steps: readonly (readonly [Integer, Integer])[]): Value<'i32'> {
  return steps.reduce<Value<'i32'>>((address, [count, bytes]) => i32.add(address, i32.multiply(count, bytes)), from)
}

/** A block of one side, and the bytes from line to line and along a line. */
interface Block {
  readonly first: Value<'i32'>
  readonly line: Local<'i32'>
  readonly stride: Local<'i32'>
  /** The numbers of a line, and how many lines there are. */
  readonly length: Local<'i32'>
  readonly count: Local<'i32'>
}

/** How a side's blocks are laid out, unless they are plain. */
interface Panels {
  readonly pack: Call
  readonly width: number
  readonly to: Local<'i32'>
  readonly isPlain: Local<'i32'>
}

/** A block as tiles read it: where it lies, or in panels. */
function layOut(writer: FunctionWriter, { pack, width, to, isPlain }: Panels, block: Block): Lines {
  const { length, count } = block
  const first = writer.keep(block.first)
  const line = writer.keep<'i32'>(block.line)
  const stride = writer.keep<'i32'>(block.stride)
  const panel = writer.keep(i32.multiply(line, width))
  writer.when(i32.equal(isPlain, 0), () => {
    writer.run(pack(first, to, count, length, line, stride))
    writer.set(first, to)
    writer.set(line, integer(float))
    writer.set(stride, integer(width * float))
    writer.set(panel, i32.multiply(length, width * float))
  })
  return { first, line, stride, panel }
}

const multiplyThenAdd: MultiplyAdd = (a, b, c) => f32x4.add(c, f32x4.multiply(a, b))
