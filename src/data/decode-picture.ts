import { readFile, stat } from 'node:fs/promises'
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import { decodePng } from './decode-png.ts'
import { fitPicture, maximumReduction } from './fit-picture.ts'
import { longerSideOfJpeg } from './jpeg-size.ts'
import type { Picture, Sample } from './source.ts'

/** Red, green and blue, each from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

export interface DecodeSettings {
  /** The width and height of the decoded pictures, in pixels. */
  readonly size: number
  /** What shows through transparent pixels, and beside a picture that is not square. */
  readonly background: Colour
}

/** A picture that cannot be decoded: missing, broken, too large or of an unknown format. */
export class PictureError extends ChronogradError {}

const maximumFileBytes = 256 * 2 ** 20
const maximumPixels = 100_000_000
const maximumSeconds = 30
const pointsPerInch = 72
const maximumDensity = 100_000

/**
 * Decodes one image (PNG, JPEG, WebP, AVIF, SVG, GIF or TIFF, or pixels already decoded) into `size * size * 3` bytes
 * of RGB, rows first. The whole picture is fitted in, upright as its EXIF data says, and centred on the background.
 *
 * Nothing in the image is trusted: files above 256 MiB, pictures above 100 megapixels and decodes longer than 30
 * seconds are refused, and an SVG's references to other files are not followed.
 *
 * @throws PictureError with the reason
 */
export async function decodePicture(image: Sample['image'], { size, background }: DecodeSettings): Promise<Uint8Array> {
  if (isPicture(image)) {
    checkPixels(image)
    if (image.width === size && image.height === size) return image.pixels
  }
  try {
    if (isPicture(image)) return await fitBySharp(sharp(image.pixels, rawInput(image)), { size, background })
    const bytes = typeof image === 'string' ? await readImageFile(image) : image
    // What is reduced by more is best left to libvips, which decodes large JPEGs at a fraction of their size.
    const longest = maximumReduction * size
    const png = decodePng(bytes, longest)
    if (png !== undefined) return fitPicture(png, { size, background })
    const isSmallJpeg = (longerSideOfJpeg(bytes) ?? Number.POSITIVE_INFINITY) <= longest
    if (isSmallJpeg) return fitPicture(await decodeWhole(bytes), { size, background })
    return await fitBySharp(await open(bytes, size), { size, background })
  } catch (error) {
    if (error instanceof PictureError) throw error
    throw new PictureError(describeError(error), { cause: error })
  }
}

const limits = { limitInputPixels: maximumPixels }

function rawInput({ width, height }: Picture): SharpOptions {
  return { ...limits, raw: { width, height, channels: 3 } }
}

/** The pixels as they are, upright. */
async function decodeWhole(bytes: Uint8Array): Promise<Picture> {
  const { data: pixels, info } = await sharp(bytes, limits)
    .autoOrient()
    .toColourspace('srgb')
    .timeout({ seconds: maximumSeconds })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels }
}

function fitBySharp(picture: Sharp, { size, background: [r, g, b] }: DecodeSettings): Promise<Uint8Array> {
  return picture
    .autoOrient()
    .flatten({ background: { r, g, b } })
    .resize(size, size, { fit: 'contain', background: { r, g, b } })
    .toColourspace('srgb')
    .timeout({ seconds: maximumSeconds })
    .raw({ depth: 'uchar' })
    .toBuffer()
}

async function open(bytes: Uint8Array, size: number): Promise<Sharp> {
  // Asking every picture for its format would add a fifth to the time that decoding takes.
  if (!mayBeSvg(bytes)) return sharp(bytes, limits)
  const { format, width, height } = await sharp(bytes, limits).metadata()
  if (format !== 'svg') return sharp(bytes, limits)
  // A drawing is rendered at the size it is wanted in, never enlarged from its nominal one.
  const density = Math.ceil((pointsPerInch * size) / Math.max(width, height))
  return sharp(bytes, { ...limits, density: Math.min(Math.max(density, pointsPerInch), maximumDensity) })
}

/** Read as bytes, so that an SVG has no folder from which it could draw in other files. */
async function readImageFile(path: string): Promise<Uint8Array> {
  const { size } = await stat(path)
  if (size > maximumFileBytes) {
    throw new PictureError(`The file has ${size} bytes, more than the ${maximumFileBytes} that are read.`)
  }
  return readFile(path)
}

function mayBeSvg(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1000)).includes('<svg')
}

function checkPixels({ width, height, pixels }: Picture): void {
  if (pixels.length !== width * height * 3) {
    throw new PictureError(
      `A picture of ${width}×${height} pixels needs ${width * height * 3} bytes of RGB, and this one has ${pixels.length}.`,
    )
  }
}

function isPicture(image: Sample['image']): image is Picture {
  return typeof image !== 'string' && !(image instanceof Uint8Array)
}
