import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp, { type PngOptions } from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodePng } from '../../src/data/decode-png.ts'
import type { Picture } from '../../src/data/source.ts'
import { noisePicture } from '../support/pictures.ts'

const test = suite('decodePng')

function toPng({ width, height, pixels }: Picture, options: PngOptions = {}): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png(options)
    .toBuffer()
}

/** Pixels that change softly, so that every filter is worth its while somewhere. */
function softPicture(width: number, height: number, seed: number): Picture {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    return 128 + 100 * Math.sin((x * (seed % 7)) / 9 + y / 5 + (at % 3)) + (y > height / 2 ? (at * seed) % 23 : 0)
  })
  return { width, height, pixels }
}

/** A PNG of these chunks behind its header. */
function pngOf(header: readonly number[], chunks: readonly (readonly [string, Buffer])[]): Buffer {
  const all = [['IHDR', Buffer.from(header)], ...chunks, ['IEND', Buffer.alloc(0)]] as const
  const written = all.map(([type, content]) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    return Buffer.concat([length, Buffer.from(type, 'latin1'), content, Buffer.alloc(4)])
  })
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...written])
}

const header = (width: number, height: number) => [0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0]

test('gives the pixels that were encoded, whatever the filters', async () => {
  const drawn = fc.record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    seed: fc.nat({ max: 1000 }),
    adaptiveFiltering: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(drawn, async ({ width, height, seed, adaptiveFiltering }) => {
      const picture = softPicture(width, height, seed)
      assert.equal(decodePng(await toPng(picture, { adaptiveFiltering }), 40), picture)
    }),
    { numRuns: 40 },
  )
})

test('undoes each filter as the standard defines it', () => {
  // Two rows of two pixels; the second row in each filter, over 10, 20, 30 and 40, 50, 60.
  const first = [0, 10, 20, 30, 40, 50, 60]
  const second: Record<number, { filtered: number[]; row: number[] }> = {
    0: { filtered: [1, 2, 3, 4, 5, 6], row: [1, 2, 3, 4, 5, 6] },
    1: { filtered: [1, 2, 3, 4, 5, 255], row: [1, 2, 3, 5, 7, 2] },
    2: { filtered: [1, 2, 3, 4, 5, 250], row: [11, 22, 33, 44, 55, 54] },
    3: { filtered: [1, 2, 3, 4, 5, 6], row: [6, 12, 18, 27, 36, 45] },
    4: { filtered: [1, 2, 3, 4, 5, 6], row: [11, 22, 33, 44, 55, 66] },
  }
  for (const [filter, { filtered, row }] of Object.entries(second)) {
    const pixels = deflateSync(Buffer.from([...first, Number(filter), ...filtered]))
    const decoded = decodePng(pngOf(header(2, 2), [['IDAT', pixels]]), 2)
    assert.equal([...(decoded?.pixels ?? [])], [...first.slice(1), ...row], `filter ${filter}`)
  }
})

test('leaves to others what is of another kind, too large or damaged', async () => {
  const picture = noisePicture(8, 1)
  const plain = await toPng(picture)
  assert.ok(decodePng(plain, 8))
  assert.is(decodePng(plain, 7), undefined)
  assert.is(decodePng(await toPng(picture, { palette: true }), 8), undefined)
  assert.is(decodePng(await toPng(picture, { progressive: true }), 8), undefined)
  const raw = sharp(picture.pixels, { raw: { width: 8, height: 8, channels: 3 } })
  assert.is(decodePng(await raw.clone().ensureAlpha(0.5).png().toBuffer(), 8), undefined)
  assert.is(decodePng(await raw.clone().toColourspace('rgb16').png().toBuffer(), 8), undefined)
  assert.is(decodePng(await raw.clone().withIccProfile('p3').png().toBuffer(), 8), undefined)
  assert.is(decodePng(await raw.clone().jpeg().toBuffer(), 8), undefined)
  assert.is(decodePng(plain.subarray(0, plain.length - 30), 8), undefined)
  const changed = Buffer.from(plain)
  changed[plain.length - 20] = (changed[plain.length - 20] ?? 0) ^ 1
  assert.is(decodePng(changed, 8), undefined)
  const unknownFilter = deflateSync(Buffer.from([9, 1, 2, 3]))
  assert.is(decodePng(pngOf(header(1, 1), [['IDAT', unknownFilter]]), 8), undefined)
  const bomb = deflateSync(Buffer.alloc(1 << 20))
  assert.is(decodePng(pngOf(header(1, 1), [['IDAT', bomb]]), 8), undefined)
  assert.is(decodePng(new Uint8Array(0), 8), undefined)
})

test.run()
