import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitPicture } from '../../src/data/fit-picture.ts'
import type { Picture } from '../../src/data/source.ts'
import { noisePicture, plainPicture } from '../support/pictures.ts'

const test = suite('fitPicture')

/** A weighted mean along one axis by its definition: how much of each of `length` numbers is in the one at `place` of `results`. */
function share(length: number, results: number, place: number): number[] {
  const step = length / results
  const reach = Math.max(step, 1)
  const centre = (place + 0.5) * step - 0.5
  const weights = Array.from({ length }, (_, at) => Math.max(0, 1 - Math.abs(at - centre) / reach))
  const sum = weights.reduce((total, weight) => total + weight)
  return weights.map(weight => weight / sum)
}

function fittedByDefinition({ width, height, pixels }: Picture, size: number, background: number): number[] {
  const [columns, rows] = [width, height].map(side =>
    Math.max(1, Math.round((side * size) / Math.max(width, height))),
  ) as [number, number]
  const [left, top] = [(size - columns) >> 1, (size - rows) >> 1]
  return Array.from({ length: size * size * 3 }, (_, at) => {
    const [x, y] = [(Math.floor(at / 3) % size) - left, Math.floor(at / 3 / size) - top]
    if (x < 0 || y < 0 || x >= columns || y >= rows) return background
    const across = share(width, columns, x)
    return share(height, rows, y).reduce((sum, down, row) => {
      const inRow = across.reduce((total, weight, column) => {
        return total + weight * (pixels[(row * width + column) * 3 + (at % 3)] as number)
      }, 0)
      return sum + down * inRow
    }, 0)
  })
}

test('gives the weighted means that its definition does, rounded', () => {
  const sides = fc.record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }) })
  fc.assert(
    fc.property(sides, fc.integer({ min: 1, max: 20 }), ({ width, height }, extra) => {
      const size = Math.ceil(Math.max(width, height) / 2) + extra - 1
      const { pixels } = noisePicture(24, width)
      const picture = { width, height, pixels: pixels.subarray(0, width * height * 3) }
      const fitted = fitPicture(picture, { size, background: [7, 7, 7] })
      const expected = fittedByDefinition(picture, size, 7)
      assert.is(fitted.length, expected.length)
      // Halfway between two bytes either may come.
      assert.ok(expected.every((value, at) => Math.abs(value - (fitted[at] as number)) <= 0.501))
    }),
  )
})

test('keeps a picture of the wanted size as it is, and a plain one plain', () => {
  const picture = noisePicture(9, 3)
  assert.equal(fitPicture(picture, { size: 9, background: [0, 0, 0] }), picture.pixels)
  const white = fitPicture(plainPicture(30, 30, [255, 255, 255]), { size: 17, background: [0, 0, 0] })
  assert.ok(white.every(byte => byte === 255))
})

test('centres a picture on the background', () => {
  const fitted = fitPicture(plainPicture(8, 4, [1, 2, 3]), { size: 4, background: [10, 20, 30] })
  const rows = [0, 1, 2, 3].map(y => [...fitted.subarray(y * 12, y * 12 + 3)])
  assert.equal(rows, [
    [10, 20, 30],
    [1, 2, 3],
    [1, 2, 3],
    [10, 20, 30],
  ])
})

test.run()
