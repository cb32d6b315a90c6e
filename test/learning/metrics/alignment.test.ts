import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { AlignmentError, alignment } from '../../../src/learning/metrics/alignment.ts'
import { matrix, mean, similarities, unitRows } from '../../support/feature-matrices.ts'
import { assertNear } from '../../support/near.ts'
import { thrownBy } from '../../support/thrown.ts'

await prepareBackend('cpu')

const aligning = suite('alignment')

aligning('is what the whole similarity matrix says, whatever the captions per picture', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 40 }),
      fc.integer({ min: 0, max: 1000 }),
      (captions, seed) => {
        const pictures = Uint32Array.from(captions.flatMap((count, picture) => Array(count).fill(picture)))
        const images = unitRows(captions.length, 4, seed)
        const texts = unitRows(pictures.length, 4, seed + 1)
        const all = similarities(images, texts)
        const right = [...pictures].map((picture, text) => all[picture]?.[text] as number)
        const others = all.flatMap((row, picture) => row.filter((_, text) => pictures[text] !== picture))
        const deviation = Math.sqrt(mean(others.map(value => (value - mean(others)) ** 2)))
        const found = alignment(images, texts, pictures)
        assertNear(found.diagMean, mean(right))
        assertNear(found.simMean, mean(all.flat()))
        assertNear(found.alignmentGap, mean(right) - mean(all.flat()))
        const snr = (mean(right) - mean(others)) / deviation
        assertNear(found.alignmentSnr, snr, 1e-5 * Math.max(1, Math.abs(snr)))
      },
    ),
    { numRuns: 50 },
  )
})

aligning('has no signal where all similarities are equal', () => {
  const one = unitRows(1, 16, 1).values
  const same = matrix(Array.from({ length: 9 }, () => [...one]))
  const found = alignment(
    same,
    same,
    Uint32Array.from({ length: 9 }, (_, row) => row),
  )
  assertNear(found.diagMean, 1)
  assertNear(found.alignmentGap, 0)
  assert.is(found.alignmentSnr, 0)
})

aligning('is not a number where a feature is none', () => {
  const features = matrix([
    [1, 0],
    [Number.NaN, 1],
  ])
  const found = alignment(features, features, Uint32Array.from([0, 1]))
  assert.ok(Object.values(found).every(Number.isNaN))
})

aligning('refuses what cannot be aligned', () => {
  for (const [images, texts, pictures, message] of [
    [2, 3, [0, 1], /2 pictures, 3 texts and 2 pairs/],
    [1, 2, [0, 0], /1 pictures, 2 texts/],
    [2, 2, [0, 2], /Text 1 belongs to picture 2, but there are 2/],
  ] as const) {
    const error = thrownBy(AlignmentError, () =>
      alignment(unitRows(images, 3, 1), unitRows(texts, 3, 1), Uint32Array.from(pictures)),
    )
    assert.match(error.message, message)
  }
})

aligning.run()
