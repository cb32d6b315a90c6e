import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Augmentation, augmentationSchema, identityAugmentation } from '../../src/data/augmentation.ts'
import { Augmenter, toFloats } from '../../src/data/augmenter.ts'
import type { Colour } from '../../src/data/decode-picture.ts'
import { drawCrop } from '../../src/data/random-crop.ts'
import type { Picture } from '../../src/data/source.ts'
import { Random } from '../../src/random/random.ts'
import { noisePicture, plainPicture } from '../support/pictures.ts'

const test = suite('Augmenter')
const white: Colour = [255, 255, 255]

function augmented(picture: Picture, settings: Partial<Augmentation>, sample = 0, background = white): Float32Array {
  const out = new Float32Array(picture.pixels.length)
  const augmenter = new Augmenter(picture.width, { ...identityAugmentation, ...settings }, background)
  augmenter.augment(picture.pixels, 0, new Random(1, 'augmentation', 0, sample), out, 0)
  return out
}

function plain(picture: Picture): Float32Array {
  const out = new Float32Array(picture.pixels.length)
  toFloats(picture.pixels, 0, out.length, out, 0)
  return out
}

function assertNear(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  const apart = actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (expected[i] ?? Number.NaN))), 0)
  assert.ok(apart <= tolerance, `apart by ${apart}`)
}

test('maps bytes onto [-1, 1]', () => {
  assert.equal([...plain({ width: 1, height: 1, pixels: Uint8Array.of(0, 255, 51) })], [-1, 1, Math.fround(-0.6)])
})

test('changes nothing at the identity settings', () => {
  for (const size of [1, 2, 5, 32]) {
    const picture = noisePicture(size, size)
    assert.equal(augmented(picture, {}), plain(picture))
  }
})

test('stays in [-1, 1] for all settings, and gives the same again', () => {
  const range = (low: number, high: number) =>
    fc
      .tuple(fc.double({ min: low, max: high, noNaN: true }), fc.double({ min: low, max: high, noNaN: true }))
      .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as [number, number])
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const degrees = (most: number) => fc.double({ min: 0, max: most, noNaN: true })
  const settings = fc.record({
    crop: range(0.01, 1),
    cropAspect: range(0.1, 10),
    scale: range(0.1, 10),
    rotation: degrees(180),
    shift: share,
    shear: degrees(60),
    flip: share,
    brightness: share,
    contrast: share,
    saturation: share,
    hue: degrees(180),
    grayscale: share,
    erase: share,
    eraseArea: range(0, 1),
  })
  fc.assert(
    fc.property(settings, fc.nat(), fc.integer({ min: 1, max: 9 }), (drawn, sample, size) => {
      const picture = noisePicture(size, 3)
      const once = augmented(picture, augmentationSchema.parse(drawn), sample)
      assert.ok(once.every(value => value >= -1 && value <= 1))
      assert.equal(augmented(picture, drawn, sample), once)
    }),
  )
})

test('gives every sample and every epoch a variation of its own', () => {
  const picture = noisePicture(8, 1)
  const settings = augmentationSchema.parse({})
  const seen = new Set(Array.from({ length: 20 }, (_, sample) => augmented(picture, settings, sample).join()))
  assert.is(seen.size, 20)
})

test('mirrors left and right where flip is certain', () => {
  const picture = noisePicture(4, 1)
  const mirrored = Uint8Array.from(picture.pixels, (_, i) => {
    const column = Math.floor(i / 3) % 4
    return picture.pixels[i + (3 - 2 * column) * 3] ?? 0
  })
  assertNear(augmented(picture, { flip: 1 }), plain({ ...picture, pixels: mirrored }), 1e-6)
})

test('enlarges around the centre', () => {
  // Twice as large, the inner half of a picture fills it: black inside, white around.
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 8, Math.floor(i / 24)]
    return x >= 2 && x < 6 && y >= 2 && y < 6 ? 0 : 255
  })
  const doubled = augmented({ width: 8, height: 8, pixels }, { scale: [2, 2] })
  assert.is(doubled[(4 * 8 + 1) * 3], -1)
  assert.is(doubled[(1 * 8 + 4) * 3], -1)
  const halved = augmented(plainPicture(8, 8, [0, 0, 0]), { scale: [0.5, 0.5] })
  assert.is(halved[0], 1, 'white outside')
  assert.is(halved[(4 * 8 + 4) * 3], -1, 'black inside')
})

test('shows the background outside of the picture', () => {
  const far = augmented(plainPicture(6, 6, [0, 0, 0]), { scale: [0.1, 0.1] }, 0, [255, 0, 51])
  assert.equal([...far.subarray(0, 3)], [1, -1, Math.fround(-0.6)])
})

test('turns a picture: what is right of the centre moves along a circle', () => {
  const pixels = new Uint8Array(9 * 9 * 3)
  pixels.fill(255, (4 * 9 + 7) * 3, (4 * 9 + 8) * 3)
  for (let sample = 0; sample < 10; sample++) {
    const turned = augmented({ width: 9, height: 9, pixels }, { rotation: 180 }, sample, [0, 0, 0])
    let [mass, sumX, sumY] = [0, 0, 0]
    for (let i = 0; i < 81; i++) {
      const value = ((turned[i * 3] ?? 0) + 1) / 2
      mass += value
      sumX += value * ((i % 9) - 4)
      sumY += value * (Math.floor(i / 9) - 4)
    }
    assert.ok(Math.abs(Math.hypot(sumX, sumY) / mass - 3) < 0.35, `radius ${Math.hypot(sumX, sumY) / mass}`)
  }
})

test('keeps grey grey, whatever saturation and hue do', () => {
  const grey = plainPicture(3, 3, [90, 90, 90])
  assertNear(augmented(grey, { saturation: 1, hue: 180 }), plain(grey), 0.002)
})

test('takes all colour away where grayscale is certain', () => {
  const out = augmented(plainPicture(2, 2, [255, 0, 0]), { grayscale: 1 })
  const luma = 2 * 0.299 - 1
  assertNear(out, new Float32Array(out.length).fill(luma), 0.001)
})

test('brightens and darkens by at most the share asked for', () => {
  const grey = plainPicture(1, 1, [127, 127, 127])
  const values = Array.from({ length: 200 }, (_, sample) => augmented(grey, { brightness: 0.1 }, sample)[0] ?? 0)
  assert.ok(Math.max(...values) > 0.15 && Math.max(...values) < 0.2)
  assert.ok(Math.min(...values) < -0.15 && Math.min(...values) > -0.21)
})

test('erases a rectangle of about the area asked for', () => {
  for (let sample = 0; sample < 20; sample++) {
    const out = augmented(plainPicture(20, 20, [0, 0, 0]), { erase: 1, eraseArea: [0.25, 0.25] }, sample)
    const erased = out.filter(value => value === 0).length / 3
    assert.ok(erased >= 80 && erased <= 120, `${erased} of 400 pixels`)
  }
})

test('crops rectangles of the area and aspect asked for, anywhere in the picture', () => {
  const share = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true })
  const settings = fc.record({ area: share(0.05, 1), aspect: share(0.5, 2), sample: fc.nat() })
  fc.assert(
    fc.property(settings, ({ area, aspect, sample }) => {
      const asked = { ...identityAugmentation, crop: [area, area], cropAspect: [aspect, aspect] } as Augmentation
      const { width, height, x0, y0 } = drawCrop(32, asked, new Random(1, 'augmentation', 0, sample))
      assert.ok(Math.abs(width * height - area) < 1e-9)
      assert.ok(Math.abs(width / height - Math.min(Math.max(aspect, area), 1 / area)) < 1e-9)
      // The edges of the first and the last pixel that are shown.
      for (const [scale, shift] of [
        [width, x0],
        [height, y0],
      ] as const) {
        assert.ok(scale * -0.5 + shift >= -0.5 - 1e-9)
        assert.ok(scale * 31.5 + shift <= 31.5 + 1e-9)
      }
    }),
  )
})

test('stretches a crop over the whole picture', () => {
  const ramp = {
    width: 16,
    height: 16,
    pixels: Uint8Array.from({ length: 768 }, (_, i) => 16 * (Math.floor(i / 3) % 16)),
  }
  for (let sample = 0; sample < 20; sample++) {
    const out = augmented(ramp, { crop: [0.25, 0.25] }, sample)
    // Half the width: eight steps of 16 become sixteen of 8, wherever the crop lies.
    for (let x = 1; x < 14; x++) assert.ok(Math.abs((out[3 * (x + 1)] ?? 0) - (out[3 * x] ?? 0) - 8 / 127.5) < 1e-5)
  }
})

test('draws as many numbers whatever is asked for', () => {
  const drawn = (settings: Partial<Augmentation>) => {
    const random = new Random(1, 'augmentation', 0, 7)
    const out = new Float32Array(48)
    const all = { ...identityAugmentation, ...settings }
    new Augmenter(4, all, white).augment(noisePicture(4, 1).pixels, 0, random, out, 0)
    return random.bits()
  }
  assert.is(drawn({}), drawn({ crop: [0.5, 1], erase: 1, grayscale: 1 }))
})

test('reads and writes at the offsets given', () => {
  const [one, other] = [noisePicture(3, 1), noisePicture(3, 2)]
  const both = Uint8Array.from([...one.pixels, ...other.pixels])
  const out = new Float32Array(3 * 27).fill(9)
  new Augmenter(3, identityAugmentation, white).augment(both, 27, new Random(1, 'augmentation'), out, 54)
  assert.ok(out.subarray(0, 54).every(value => value === 9))
  assert.equal(out.slice(54), plain(other))
})

test.run()

const settings = suite('augmentationSchema')

settings('fills in defaults and survives JSON', () => {
  const parsed = augmentationSchema.parse({ flip: 0.5 })
  assert.is(parsed.flip, 0.5)
  assert.equal(augmentationSchema.parse(JSON.parse(JSON.stringify(parsed))), parsed)
  assert.equal(augmentationSchema.parse(identityAugmentation), identityAugmentation)
})

settings('refuses what cannot be', () => {
  for (const wrong of [{ flip: 2 }, { scale: [1.2, 0.8] }, { scale: [0, 1] }, { rotate: 10 }]) {
    assert.not(augmentationSchema.safeParse(wrong).success, JSON.stringify(wrong))
  }
})

settings.run()
