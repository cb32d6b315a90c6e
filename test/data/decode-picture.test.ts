import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Colour, decodePicture, PictureError } from '../../src/data/decode-picture.ts'
import { noisePicture, plainPicture } from '../support/pictures.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('decodePicture')
const white: Colour = [255, 255, 255]
const red = { r: 255, g: 0, b: 0, alpha: 1 }

/** A red rectangle, to be encoded. */
function redRectangle(width: number, height: number, alpha = 1) {
  return sharp({ create: { width, height, channels: 4, background: { ...red, alpha } } })
}

/** The pixel at (x, y) of a decoded picture of `size`. */
function pixel(bytes: Uint8Array, size: number, x: number, y: number): number[] {
  return [...bytes.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)]
}

function near(actual: readonly number[], expected: readonly number[]): void {
  const apart = Math.max(...actual.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN))))
  assert.ok(apart <= 3, `${actual} is near ${expected}`)
}

async function refuses(decoding: Promise<unknown>, reason: RegExp): Promise<void> {
  const error = await decoding.then(
    () => assert.unreachable('it was decoded'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof PictureError)
  assert.match(error.message, reason)
}

const encoded = {
  PNG: redRectangle(20, 10).png(),
  JPEG: redRectangle(20, 10).jpeg(),
  WebP: redRectangle(20, 10).webp(),
  AVIF: redRectangle(20, 10).avif(),
  'PNG of 16 bits': redRectangle(20, 10).toColourspace('rgb16').png(),
  'PNG of a palette': redRectangle(20, 10).png({ palette: true }),
}
for (const [format, picture] of Object.entries(encoded)) {
  test(`decodes ${format} to fit, centred on the background`, async () => {
    const bytes = await decodePicture(await picture.toBuffer(), { size: 8, background: [0, 0, 255] })
    assert.is(bytes.length, 8 * 8 * 3)
    near(pixel(bytes, 8, 4, 4), [255, 0, 0])
    near(pixel(bytes, 8, 0, 0), [0, 0, 255])
    near(pixel(bytes, 8, 7, 7), [0, 0, 255])
  })
}

test('decodes grey pictures to three channels', async () => {
  const grey = await redRectangle(8, 8).toColourspace('b-w').png().toBuffer()
  const bytes = await decodePicture(grey, { size: 4, background: white })
  assert.is(bytes.length, 4 * 4 * 3)
  const [r, g, b] = pixel(bytes, 4, 2, 2)
  assert.ok(r === g && g === b)
})

test('renders an SVG at the wanted size, sharp', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="2" height="4" fill="#f00"/></svg>'
  const bytes = await decodePicture(Buffer.from(svg), { size: 64, background: white })
  near(pixel(bytes, 64, 31, 32), [255, 0, 0])
  near(pixel(bytes, 64, 32, 32), [255, 255, 255])
})

test("does not follow an SVG's references to other files", async () => {
  await inTemporaryFolder(async folder => {
    const secret = join(folder, 'secret.png')
    await redRectangle(8, 8).png().toFile(secret)
    for (const [number, reference] of ['secret.png', secret, pathToFileURL(secret).href].entries()) {
      const path = join(folder, `${number}.svg`)
      const image = `<image width="8" height="8" href="${reference}"/>`
      await writeFile(path, `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">${image}</svg>`)
      near(pixel(await decodePicture(path, { size: 8, background: white }), 8, 4, 4), [255, 255, 255])
    }
  })
})

test('flattens transparency onto the background', async () => {
  const png = await redRectangle(8, 8, 0.5).png().toBuffer()
  near(pixel(await decodePicture(png, { size: 4, background: white }), 4, 2, 2), [255, 127, 127])
  near(pixel(await decodePicture(png, { size: 4, background: [0, 0, 0] }), 4, 2, 2), [127, 0, 0])
})

test('turns a photograph upright as its EXIF data says', async () => {
  const lying = await redRectangle(20, 10).jpeg().withMetadata({ orientation: 6 }).toBuffer()
  const bytes = await decodePicture(lying, { size: 8, background: [0, 0, 255] })
  near(pixel(bytes, 8, 4, 0), [255, 0, 0])
  near(pixel(bytes, 8, 0, 4), [0, 0, 255])
})

test('leaves decoded pixels of the wanted size as they are', async () => {
  const picture = noisePicture(6, 1)
  assert.equal(await decodePicture(picture, { size: 6, background: white }), picture.pixels)
  const smaller = await decodePicture(plainPicture(12, 12, [10, 20, 30]), { size: 6, background: white })
  assert.equal(Uint8Array.from(smaller), plainPicture(6, 6, [10, 20, 30]).pixels)
})

test('says why a picture cannot be decoded', async () => {
  const settings = { size: 8, background: white }
  const png = await encoded.PNG.toBuffer()
  await refuses(decodePicture('/nowhere/cat.png', settings), /no such file.*cat\.png/)
  await refuses(decodePicture(Buffer.from('hello'), settings), /unsupported image format/)
  await refuses(decodePicture(png.subarray(0, png.length - 30), settings), /./)
  await refuses(decodePicture({ ...plainPicture(4, 4, [0, 0, 0]), width: 5 }, settings), /5×4 pixels needs 60 bytes/)
  const huge = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"><rect width="9" height="9"/></svg>'
  await refuses(decodePicture(Buffer.from(huge), settings), /pixel limit/)
})

test.run()
