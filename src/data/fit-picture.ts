import type { Colour, DecodeSettings } from './decode-picture.ts'
import { maximumTaps, type PixelFunction } from './pixel-functions.ts'
import { areas, bytesIn, floatsIn, pixels as functions, integersIn } from './pixel-memory.ts'
import type { Picture } from './source.ts'

/** How the numbers along one axis are made of others: each of `taps` that lie one after another, with their weights. */
interface Blend {
  readonly taps: number
  /** The first of them for each result. */
  readonly first: Int32Array
  /** `taps` for each result; together they are 1. */
  readonly weights: Float32Array
}

/** So many times larger than the square a picture may be; more of it would be blended than there are functions for. */
export const maximumReduction = (maximumTaps - 1) / 2

/**
 * Fits a whole picture, at most `maximumReduction` times as large, into a square, centred on the background: `size * size * 3` bytes of RGB. Each pixel is a mean of those
 * that it covers and those beside them, which weigh less the farther they are (a triangle filter, as wide as the picture is
 * reduced), so that fine patterns do not turn into coarse ones.
 */
export function fitPicture(picture: Picture, { size, background }: DecodeSettings): Uint8Array {
  const { width, height, pixels } = picture
  const scale = size / Math.max(width, height)
  const [columns, rows] = [width, height].map(side => Math.max(1, Math.round(side * scale))) as [number, number]
  const square = filled(size, background)
  const [across, down] = [blendOf(width, columns), blendOf(height, rows)]
  const [source, downWeights, places, acrossWeights, blended, target] = areas(
    pixels.length,
    down.weights.byteLength,
    across.first.byteLength,
    across.weights.byteLength,
    width * 12,
    columns * 3,
  )
  bytesIn(source).set(pixels)
  floatsIn(downWeights).set(down.weights)
  floatsIn(acrossWeights).set(across.weights)
  integersIn(places).set(across.first.map(column => column * 12))
  const row = bytesIn(target)
  const left = (size - columns) >> 1
  const top = (size - rows) >> 1
  const stride = width * 3
  const blendRows = functions.blendRows[down.taps] as PixelFunction
  const blendColumns = functions.blendColumns[across.taps] as PixelFunction
  for (let y = 0; y < rows; y++) {
    const first = source.address + (down.first[y] as number) * stride
    blendRows(first, stride, downWeights.address + y * down.taps * 4, blended.address, stride)
    blendColumns(blended.address, places.address, acrossWeights.address, target.address, columns)
    square.set(row, ((top + y) * size + left) * 3)
  }
  return square
}

function filled(size: number, [red, green, blue]: Colour): Uint8Array {
  if (red === green && green === blue) return new Uint8Array(size * size * 3).fill(red)
  const square = new Uint8Array(size * size * 3)
  for (let at = 0; at < square.length; at += 3) {
    square[at] = red
    square[at + 1] = green
    square[at + 2] = blue
  }
  return square
}

/** How `results` numbers are made of `length`. */
function blendOf(length: number, results: number): Blend {
  const step = length / results
  const reach = Math.max(step, 1)
  const taps = Math.min(length, Math.ceil(2 * reach) + 1)
  const first = new Int32Array(results)
  const weights = new Float32Array(results * taps)
  for (let result = 0; result < results; result++) {
    const centre = (result + 0.5) * step - 0.5
    const begin = Math.min(Math.max(Math.ceil(centre - reach), 0), length - taps)
    first[result] = begin
    const weightOf = (tap: number) => Math.max(0, 1 - Math.abs(begin + tap - centre) / reach)
    let sum = 0
    for (let tap = 0; tap < taps; tap++) sum += weightOf(tap)
    for (let tap = 0; tap < taps; tap++) weights[result * taps + tap] = weightOf(tap) / sum
  }
  return { taps, first, weights }
}
