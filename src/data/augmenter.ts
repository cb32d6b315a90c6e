import type { Random } from '../random/random.ts'
import { type AffineMap, drawAffineMap } from './affine-map.ts'
import type { Augmentation } from './augmentation.ts'
import { type ColourMap, drawColourMap } from './colour-map.ts'
import type { Colour } from './decode-picture.ts'
import { type Area, areas, bytesIn, floatsIn, pixels as functions } from './pixel-memory.ts'
import { cropped, drawCrop } from './random-crop.ts'

/** Some pixels of a picture. */
interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** How many more pixels a framed picture has along each axis. */
const border = 3
const floatBytes = Float32Array.BYTES_PER_ELEMENT
/** Of a framed picture's pixels, which have a fourth number that is of no use. */
const pixelBytes = 4 * floatBytes
/** Of what `mapColours` and `warpRow` are told. */
const mapBytes = 16 * floatBytes

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

  /** @param background the colour outside of the picture */
  constructor(size: number, settings: Augmentation, background: Colour) {
    this.#size = size
    this.#settings = settings
    this.#background = background
  }

  /** Writes one varied picture, `size * size * 3` floats in [-1, 1] from `outOffset`, from as many bytes at `offset`. */
  augment(bytes: Uint8Array, offset: number, random: Random, out: Float32Array, outOffset: number): void {
    const affine = drawAffineMap(this.#size, this.#settings, random)
    const colours = drawColourMap(this.#settings, random)
    const erased = this.#drawErased(random)
    const crop = drawCrop(this.#size, this.#settings, random)
    const size = this.#size
    const places = areas(size * size * 3, mapBytes, (size + border) ** 2 * pixelBytes, size * size * 3 * floatBytes)
    const [source, settings, framed, target] = places
    bytesIn(source).set(bytes.subarray(offset, offset + source.bytes))
    this.#frame(colours, source, settings, framed)
    this.#warp(cropped(affine, crop), framed, settings, target)
    out.set(floatsIn(target), outOffset)
    if (erased !== undefined) this.#erase(erased, out, outOffset)
  }

  /**
   * Writes the picture, its colours mapped, into a frame of background that is wide enough that interpolation needs no question
   * where it reads: one pixel before and two after, along each axis.
   */
  #frame({ matrix, added }: ColourMap, source: Area, settings: Area, framed: Area): void {
    const size = this.#size
    const side = size + border
    const [rr = 0, rg = 0, rb = 0, gr = 0, gg = 0, gb = 0, br = 0, bg = 0, bb = 0] = matrix
    floatsIn(settings).set([rr, gr, br, 0, rg, gg, bg, 0, rb, gb, bb, 0, added, added, added, 0])
    for (let y = 0; y < size; y++) {
      const row = framed.address + ((y + 1) * side + 1) * pixelBytes
      functions.mapColours(source.address + y * size * 3, row, size, settings.address)
    }
    // The background goes through the same map, in the place of the picture's first pixel, which is written by now.
    bytesIn(source).set(this.#background)
    functions.mapColours(source.address, framed.address, 1, settings.address)
    const floats = floatsIn(framed)
    for (let x = 1; x < side; x++) floats.copyWithin(x * 4, 0, 4)
    const rowFloats = side * 4
    for (let y = 1; y <= size; y++) {
      floats.copyWithin(y * rowFloats, 0, 4)
      floats.copyWithin((y + 1) * rowFloats - 8, 0, 8)
    }
    for (let y = size + 1; y < side; y++) floats.copyWithin(y * rowFloats, 0, rowFloats)
  }

  #warp({ xx, xy, yx, yy, x0, y0 }: AffineMap, framed: Area, settings: Area, target: Area): void {
    const size = this.#size
    const path = floatsIn(settings)
    // Counted from the frame's corner and clamped into the frame, where all is background.
    path.set([xx, yx, 0, 0, 0, 0, 0, 0, size + 1, size + 1, 0, 0], 4)
    for (let y = 0; y < size; y++) {
      path.set([xy * y + x0 + 1, yy * y + y0 + 1], 0)
      const row = target.address + y * size * 3 * floatBytes
      functions.warpRow(framed.address, (size + border) * pixelBytes, row, size, settings.address)
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
