import { f32, f32x4, i32, store, type Value, v128 } from './instructions.ts'
import type { Call, FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'

/** The rows and columns of a product that are summed in registers at a time: sixteen vectors are there. */
export const tileRows = 4
export const tileColumns = 8

const lanes = 4
const float = 4

/** Lines of numbers, of one length: rows of a product's left side or columns of its right one. */
export interface Lines {
  /** The first number of the first line. */
  readonly first: Local<'i32'>
  /** The bytes from line to line, within a panel of as many lines as a tile has. */
  readonly line: Local<'i32'>
  /** The bytes along a line. */
  readonly stride: Local<'i32'>
  /** The bytes from panel to panel. */
  readonly panel: Local<'i32'>
}

/** A part of a product that is summed tile by tile. */
export interface Part {
  readonly left: Lines
  /** Columns that lie side by side. */
  readonly right: Lines
  /** How many numbers each element sums. */
  readonly length: Local<'i32'>
  readonly rows: Local<'i32'>
  readonly columns: Local<'i32'>
  /** The part's corner in the product, and the bytes from row to row there. */
  readonly product: Local<'i32'>
  readonly productRow: Local<'i32'>
  /** Not 0 to add to what is there. */
  readonly add: Local<'i32'>
}

/** Multiplies and adds: a × b + c. */
export type MultiplyAdd = (a: Value<'v128'>, b: Value<'v128'>, c: Value<'v128'>) => Value<'v128'>

/**
 * Defines functions for tiles of all heights and widths, so that none at an edge computes rows that are not there.
 *
 * @returns what writes the multiplication of a part
 */
export function defineTiles(
  builder: ModuleBuilder,
  multiplyAdd: MultiplyAdd,
): (writer: FunctionWriter, part: Part) => void {
  const tilesOf = (vectors: number): Tiles => ({
    together: defineTile(builder, { rows: tileRows, vectors, together: true }, multiplyAdd),
    apart: Array.from({ length: tileRows }, (_, index) =>
      defineTile(builder, { rows: 1 + index, vectors, together: false }, multiplyAdd),
    ),
  })
  const [narrow, wide] = [tilesOf(1), tilesOf(tileColumns / lanes)]
  return (writer, { left, right, length, rows, columns, product, productRow, add }) => {
    const together = writer.keep(i32.equal(left.line, float))
    const whole = writer.keep(i32.shiftRight(rows, 2))
    const rest = writer.keep(i32.and(rows, tileRows - 1))
    const leftEdge = writer.keep(i32.add(left.first, i32.multiply(whole, left.panel)))
    const edgeOffset = writer.keep(i32.multiply(whole, i32.multiply(productRow, tileRows)))
    const columnPanel = writer.keep<'i32'>(right.first)
    const corner = writer.keep<'i32'>(product)
    writer.loop(0, columns, tileColumns, column => {
      const width = writer.keep(i32.minimum(i32.subtract(columns, column), tileColumns))
      const lastLanes = writer.keep(i32.add(i32.and(i32.subtract(width, 1), lanes - 1), 1))
      const run = (tiles: Tiles) => {
        const strides = [left.line, left.stride, left.panel, columnPanel, right.stride] as const
        const settings = [productRow, length, lastLanes, add] as const
        const runWhole = (multiply: Call) => writer.run(multiply(left.first, ...strides, corner, whole, ...settings))
        writer.when(
          together,
          () => runWhole(tiles.together),
          () => runWhole(tiles.apart[tileRows - 1] as Call),
        )
        const edge = i32.add(corner, edgeOffset)
        for (const [index, multiply] of tiles.apart.slice(0, -1).entries()) {
          writer.when(i32.equal(rest, index + 1), () =>
            writer.run(multiply(leftEdge, ...strides, edge, 1, ...settings)),
          )
        }
      }
      writer.when(
        i32.less(lanes, width),
        () => run(wide),
        () => run(narrow),
      )
      writer.set(columnPanel, i32.add(columnPanel, right.panel))
      writer.set(corner, i32.add(corner, tileColumns * float))
    })
  }
}

/** What multiplies tiles of one width. */
interface Tiles {
  /** Whole ones whose left rows lie side by side. */
  readonly together: Call
  /** By how many rows they have, from 1 on. */
  readonly apart: readonly Call[]
}

/**
 * Defines the multiplication of tiles that lie below each other. Its inputs: the left lines as `Lines` has them; the right
 * ones, and the bytes along one; the first tile; how many tiles; the bytes from row to row of the product; how many numbers
 * an element sums; how many lanes of the last vector are within the product; not 0 to add to what is there.
 */
function defineTile(
  builder: ModuleBuilder,
  { rows, vectors, together }: { rows: number; vectors: number; together: boolean },
  multiplyAdd: MultiplyAdd,
): Call {
  return builder.define(
    `multiply${rows}x${lanes * vectors}${together ? 'Together' : ''}`,
    12,
    (writer, left, leftRow, leftStride, ...rest) => {
      const [leftTile, right, rightStride, tile, tiles, tileRow, length, lastLanes, add] = rest as Locals9
      const offsets = Array.from({ length: vectors }, (_, vector) => 16 * vector)
      writer.loop(0, tiles, 1, () => {
        const sums = Array.from({ length: rows }, () => offsets.map(() => writer.keep(f32x4.splat(0))))
        const pointers = (together ? [0] : sums.map((_, row) => row)).map(row =>
          writer.keep(i32.add(left, i32.multiply(leftRow, row))),
        )
        const column = writer.keep(right)
        const end = writer.keep(i32.add(left, i32.multiply(length, leftStride)))
        writer.repeat(i32.less(pointers[0] as Local<'i32'>, end), () => {
          const numbers = offsets.map(offset => writer.keep(v128.load(column, offset)))
          for (const [row, rowSums] of sums.entries()) {
            const [pointer, offset] = together ? [pointers[0], row * float] : [pointers[row], 0]
            const factor = writer.keep(v128.loadSplat(pointer as Local<'i32'>, offset))
            for (const [vector, sum] of rowSums.entries()) {
              writer.set(sum, multiplyAdd(factor, numbers[vector] as Local<'v128'>, sum))
            }
          }
          writer.set(column, i32.add(column, rightStride))
          for (const pointer of pointers) writer.set(pointer, i32.add(pointer, leftStride))
        })
        writer.when(
          add,
          () => writeTile(writer, { sums, tile, tileRow, lastLanes, added: true }),
          () => writeTile(writer, { sums, tile, tileRow, lastLanes, added: false }),
        )
        writer.set(tile, i32.add(tile, i32.multiply(tileRow, rows)))
        writer.set(left, i32.add(left, leftTile))
      })
    },
  )
}

type Three = [Local<'i32'>, Local<'i32'>, Local<'i32'>]
type Locals9 = [...Three, ...Three, ...Three]

/** Puts a tile's sums into the product. */
function writeTile(
  writer: FunctionWriter,
  tile: {
    readonly sums: readonly (readonly Local<'v128'>[])[]
    readonly tile: Local<'i32'>
    readonly tileRow: Local<'i32'>
    readonly lastLanes: Local<'i32'>
    readonly added: boolean
  },
): void {
  const { sums, tileRow, lastLanes, added } = tile
  const to = writer.keep(tile.tile)
  for (const vectors of sums) {
    for (const [vector, sum] of vectors.entries()) {
      const offset = 16 * vector
      const whole = () => writer.run(store.v128(to, added ? f32x4.add(v128.load(to, offset), sum) : sum, offset))
      if (vector < vectors.length - 1) whole()
      else writer.when(i32.equal(lastLanes, lanes), whole, () => writeLanes(writer, to, sum, offset, lastLanes, added))
    }
    writer.set(to, i32.add(to, tileRow))
  }
}

/** The first lanes of a vector, fewer than four. */
function writeLanes(
  writer: FunctionWriter,
  to: Local<'i32'>,
  sum: Local<'v128'>,
  offset: number,
  count: Local<'i32'>,
  added: boolean,
): void {
  for (let lane = 0; lane < lanes - 1; lane++) {
    const place = offset + lane * float
    writer.when(i32.less(lane, count), () => {
      const value = f32x4.lane(sum, lane)
      writer.run(store.f32(to, added ? f32.add(f32.load(to, place), value) : value, place))
    })
  }
}
