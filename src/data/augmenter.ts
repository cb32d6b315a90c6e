import type { Random } from '../random/random.ts'
import { type AffineMap, drawAffineMap } from './affine-map.ts'
import type { Augmentation } from './augmentation.ts'
import { type ColourMap, drawColourMap } from './colour-map.ts'
import type { Colour } from './decode-picture.ts'
import { cropped, drawCrop } from './random-crop.ts'

/** Some pixels of a picture. */
interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Each byte's place in the range that models read, [-1, 1]. */
const floatOfByte = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1)

/** Writes `count` bytes from `offset` as floats in [-1, 1] to `outOffset`, with nothing varied. */
export function toFloats(bytes: Uint8Array, offset: number, count: number, out: Float32Array, outOffset: number): void {
  for (let i = 0; i < count; i++) out[outOffset + i] = floatOfByte[bytes[offset + i] as number] as number
}

/**
 * Varies square pictures: a linear map of the colours, a crop and an affine map read with bilinear interpolation, and
 * perhaps an erased rectangle. Everything is drawn from the `Random` that is handed in, always the same count of numbers in the same
 * order, so that changing one setting leaves alone what the others draw.
 *
 * @example
 * const augmenter = new Augmenter(32, augmentationSchema.parse({}), [255, 255, 255])
 * augmenter.augment(bytes, 0, new Random(seed, 'augmentation', epoch, sampleIndex), out, 0)
 */
export class Augmenter {
  readonly #size: number
  readonly #settings: Augmentation
  readonly #background: Colour
  // The picture with a border of background, wide enough that interpolation needs no question where it reads.
  readonly #framed: Float32Array

  /** @param background the colour outside of the picture */
  constructor(size: number, settings: Augmentation, background: Colour) {
    this.#size = size
    this.#settings = settings
    this.#background = background
    this.#framed = new Float32Array((size + 3) * (size + 3) * 3)
  }

  /** Writes one varied picture, `size * size * 3` floats in [-1, 1] from `outOffset`, from as many bytes at `offset`. */
  augment(bytes: Uint8Array, offset: number, random: Random, out: Float32Array, outOffset: number): void {
    const affine = drawAffineMap(this.#size, this.#settings, random)
    const colours = drawColourMap(this.#settings, random)
    const erased = this.#drawErased(random)
    const crop = drawCrop(this.#size, this.#settings, random)
    this.#frame(bytes, offset, colours)
    this.#warp(cropped(affine, crop), out, outOffset)
    if (erased !== undefined) this.#erase(erased, out, outOffset)
  }

  /** Fills the framed picture, its colours mapped: one pixel of border before and two after, along each axis. */
  #frame(bytes: Uint8Array, offset: number, { matrix, added }: ColourMap): void {
    const [rr = 0, rg = 0, rb = 0, gr = 0, gg = 0, gb = 0, br = 0, bg = 0, bb = 0] = matrix
    const [red, green, blue] = this.#background
    const size = this.#size
    const framed = this.#framed
    let at = 0
    for (let y = -1; y < size + 2; y++) {
      for (let x = -1; x < size + 2; x++, at += 3) {
        const inside = x >= 0 && y >= 0 && x < size && y < size
        const from = offset + (y * size + x) * 3
        const r = floatOfByte[inside ? (bytes[from] as number) : red] as number
        const g = floatOfByte[inside ? (bytes[from + 1] as number) : green] as number
        const b = floatOfByte[inside ? (bytes[from + 2] as number) : blue] as number
        framed[at] = clamp(rr * r + rg * g + rb * b + added, -1, 1)
        framed[at + 1] = clamp(gr * r + gg * g + gb * b + added, -1, 1)
        framed[at + 2] = clamp(br * r + bg * g + bb * b + added, -1, 1)
      }
    }
  }

  #warp({ xx, xy, yx, yy, x0, y0 }: AffineMap, out: Float32Array, outOffset: number): void {
    const size = this.#size
    const framed = this.#framed
    const row = (size + 3) * 3
    let at = outOffset
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++, at += 3) {
        // Clamped into the frame and counted from its corner, where all is background.
        const sourceX = clamp(xx * x + xy * y + x0, -1, size) + 1
        const sourceY = clamp(yx * x + yy * y + y0, -1, size) + 1
        const left = sourceX | 0
        const top = sourceY | 0
        const right = sourceX - left
        const bottom = sourceY - top
        const w00 = (1 - right) * (1 - bottom)
        const w10 = right * (1 - bottom)
        const w01 = (1 - right) * bottom
        const w11 = right * bottom
        const i = top * row + left * 3
        const j = i + row
        out[at] =
          w00 * (framed[i] as number) +
          w10 * (framed[i + 3] as number) +
          w01 * (framed[j] as number) +
          w11 * (framed[j + 3] as number)
        out[at + 1] =
          w00 * (framed[i + 1] as number) +
          w10 * (framed[i + 4] as number) +
          w01 * (framed[j + 1] as number) +
          w11 * (framed[j + 4] as number)
        out[at + 2] =
          w00 * (framed[i + 2] as number) +
          w10 * (framed[i + 5] as number) +
          w01 * (framed[j + 2] as number) +
          w11 * (framed[j + 5] as number)
      }
    }
  }

  /** Always draws five numbers. */
  #drawErased(random: Random): Rectangle | undefined {
    const { erase, eraseArea } = this.#settings
    const size = this.#size
    const happens = random.uniform() < erase
    const area = random.uniform(eraseArea[0], eraseArea[1]) * size * size
    const aspect = Math.exp(random.uniform(-Math.LN2, Math.LN2))
    const width = Math.min(size, Math.round(Math.sqrt(area * aspect)))
    const height = Math.min(size, Math.round(Math.sqrt(area / aspect)))
    const left = Math.floor(random.uniform(0, size - width + 1))
    const top = Math.floor(random.uniform(0, size - height + 1))
    return happens ? { left, top, width, height } : undefined
  }

  #erase({ left, top, width, height }: Rectangle, out: Float32Array, outOffset: number): void {
    const size = this.#size
    for (let y = top; y < top + height; y++) {
      const from = outOffset + (y * size + left) * 3
      out.fill(0, from, from + width * 3)
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
