import { f32, f32x4, i32, i32x4, narrow, store, type Value, v128 } from '../webassembly/instructions.ts'
import {
  type FunctionWriter,
  type Local,
  ModuleBuilder,
  type WebAssemblyMemory,
} from '../webassembly/module-builder.ts'

type Address = Value<'i32'>
type Vector = Value<'v128'>

const { add, subtract, multiply, lesser, larger } = f32x4

/** All that it is given are addresses and counts. */
export type PixelFunction = (...inputs: readonly number[]) => void

/** How many numbers are blended at most; there is a function for each count. */
export const maximumTaps = 5

/** The functions that work on pixels, four numbers at a time. */
export interface PixelFunctions {
  /** By the number of taps. */
  readonly blendRows: readonly PixelFunction[]
  readonly blendColumns: readonly PixelFunction[]
  readonly mapColours: PixelFunction
  readonly warpRow: PixelFunction
}

/** Compiles the functions for this memory. */
export function instantiatePixelFunctions(memory: WebAssemblyMemory): PixelFunctions {
  const builder = new ModuleBuilder()
  const everyCount = Array.from({ length: maximumTaps + 1 }, (_, taps) => taps)
  for (const taps of everyCount.slice(1)) {
    defineBlendRows(builder, taps)
    defineBlendColumns(builder, taps)
  }
  defineMapColours(builder)
  defineWarpRow(builder)
  const functions = builder.instantiate(memory)
  const named = (name: string) => functions[name] as PixelFunction
  return {
    blendRows: everyCount.map(taps => named(`blendRows${taps}`)),
    blendColumns: everyCount.map(taps => named(`blendColumns${taps}`)),
    mapColours: named('mapColours'),
    warpRow: named('warpRow'),
  }
}

function fourVectors(writer: FunctionWriter, address: Address): [Vector, Vector, Vector, Vector] {
  const vector = (number: number) => writer.keep(v128.load(address, 16 * number))
  return [vector(0), vector(1), vector(2), vector(3)]
}

/** The three bytes of a pixel, and one more, as floats. */
function pixelAt(address: Address): Vector {
  return i32x4.toFloats(narrow.widenLow(narrow.widenLowBytes(v128.loadFour(address))))
}

/**
 * `blendRows(source, stride, weights, target, bytes)`: the sum of `taps` rows of bytes, each with its weight, as floats. Up to
 * fifteen floats more than the row has are written.
 */
function defineBlendRows(builder: ModuleBuilder, taps: number): void {
  builder.define(`blendRows${taps}`, 5, (writer, source, stride, weights, target, bytes) => {
    const rows = [writer.keep(source)]
    for (let tap = 1; tap < taps; tap++) rows.push(writer.keep(i32.add(rows.at(-1) as Address, stride)))
    const spreadWeights = rows.map((_, tap) => writer.keep(v128.loadSplat(weights, 4 * tap)))
    const out = writer.keep(target)
    writer.loop(0, bytes, 16, at => {
      const parts = rows.map((row, tap) => {
        const loaded = writer.keep(v128.load(i32.add(row, at)))
        const halves = [narrow.widenLowBytes(loaded), narrow.widenHighBytes(loaded)].map(each => writer.keep(each))
        const quarters = halves.flatMap(half => [narrow.widenLow(half), narrow.widenHigh(half)])
        return quarters.map(quarter => writer.keep(multiply(i32x4.toFloats(quarter), spreadWeights[tap] as Vector)))
      })
      for (const quarter of [0, 1, 2, 3]) {
        writer.run(store.v128(out, sumOf(parts.map(part => part[quarter] as Vector)), 16 * quarter))
      }
      writer.set(out, i32.add(out, 64))
    })
  })
}

function sumOf(vectors: readonly Vector[]): Vector {
  return vectors.reduce((sum, vector) => add(sum, vector))
}

/** Added to a float below it, this leaves the float, rounded to a whole number, in the lowest bits. */
const roundingNumber = 2 ** 23

/**
 * `blendColumns(row, places, weights, target, width)`: of each pixel of a row the sum of `taps` pixels of floats from its place
 * on, each with its weight, rounded to bytes. One byte more than the row has is written.
 */
function defineBlendColumns(builder: ModuleBuilder, taps: number): void {
  builder.define(`blendColumns${taps}`, 5, (writer, row, places, weights, target, width) => {
    const weight = writer.keep(weights)
    const out = writer.keep(target)
    const rounding = writer.keep(f32x4.splat(roundingNumber))
    writer.loop(places, i32.add(places, i32.shiftLeft(width, 2)), 4, place => {
      const pixel = writer.keep(i32.add(row, i32.load(place)))
      const parts = Array.from({ length: taps }, (_, tap) =>
        multiply(v128.load(pixel, 12 * tap), v128.loadSplat(weight, 4 * tap)),
      )
      const rounded = writer.keep(add(sumOf(parts), rounding))
      writer.run(store.four(out, narrow.lowestBytes(rounded)))
      writer.set(weight, i32.add(weight, 4 * taps))
      writer.set(out, i32.add(out, 3))
    })
  })
}

/**
 * `mapColours(source, target, pixels, map)`: pixels of three bytes as four floats in [-1, 1] each, of which the last is of no use.
 * The map is four times four floats: what a pixel's red, green and blue add to the result, and what is added to all.
 */
function defineMapColours(builder: ModuleBuilder): void {
  builder.define('mapColours', 4, (writer, source, target, pixels, map) => {
    const [red, green, blue, added] = fourVectors(writer, map)
    const from = writer.keep(source)
    writer.loop(target, i32.add(target, i32.shiftLeft(pixels, 4)), 16, at => {
      // In this order only the division rounds.
      const middle = f32x4.splat(127.5)
      const pixel = writer.keep(f32x4.divide(subtract(pixelAt(from), middle), middle))
      const part = (lane: number, weights: Vector) => multiply(spread(pixel, lane), weights)
      const sum = add(add(add(part(0, red), part(1, green)), part(2, blue)), added)
      writer.run(store.v128(at, clamped(sum, -1, 1)))
      writer.set(from, i32.add(from, 3))
    })
  })
}

/** One lane in all four. */
function spread(vector: Vector, lane: number): Vector {
  return v128.shuffle(vector, vector, [lane, lane, lane, lane])
}

function clamped(vector: Vector, low: number, high: number): Vector {
  return lesser(larger(vector, f32x4.splat(low)), f32x4.splat(high))
}

/**
 * `warpRow(framed, rowBytes, target, width, path)`: pixels of three floats, each read between four pixels of a framed picture. The
 * path is four times four floats, of which x and y count: where the row begins, from one pixel to the next, the lowest and
 * the highest place. One float more than the row has is written.
 */
function defineWarpRow(builder: ModuleBuilder): void {
  builder.define('warpRow', 5, (writer, framed, rowBytes, target, width, path) => {
    const [begin, step, lowest, highest] = fourVectors(writer, path)
    const out = writer.keep(target)
    writer.loop(0, width, 1, x => {
      const along = multiply(step, f32x4.splat(f32.convert(x)))
      const place = writer.keep(lesser(larger(add(begin, along), lowest), highest))
      const corner = writer.keep(i32x4.truncate(place))
      const share = writer.keep(subtract(place, i32x4.toFloats(corner)))
      const top = writer.keep(pixelAddress(framed, rowBytes, corner))
      const bottom = writer.keep(i32.add(top, rowBytes))
      const right = writer.keep(spread(share, 0))
      const above = writer.keep(between(writer, top, right))
      const below = writer.keep(between(writer, bottom, right))
      const down = multiply(subtract(below, above), spread(share, 1))
      writer.run(store.v128(out, clamped(add(above, down), -1, 1)))
      writer.set(out, i32.add(out, 12))
    })
  })
}

function pixelAddress(framed: Address, rowBytes: Address, corner: Local<'v128'>): Address {
  const row = i32.multiply(i32x4.lane(corner, 1), rowBytes)
  return i32.add(i32.add(framed, row), i32.shiftLeft(i32x4.lane(corner, 0), 4))
}

/** Between a pixel and the one after it. */
function between(writer: FunctionWriter, at: Address, share: Vector): Vector {
  const left = writer.keep(v128.load(at))
  return add(left, multiply(subtract(v128.load(at, 16), left), share))
}
