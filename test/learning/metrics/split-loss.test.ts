import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { lossOf } from '../../../src/learning/loss/batch-loss.ts'
import { lossConfig } from '../../../src/learning/loss/loss-config.ts'
import type { GroupedFeatures } from '../../../src/learning/metrics/feature-matrix.ts'
import { RetrievalError } from '../../../src/learning/metrics/retrieval.ts'
import { splitLoss } from '../../../src/learning/metrics/split-loss.ts'
import { grouped, matrix, mean, similarities, unitRows } from '../../support/feature-matrices.ts'
import { assertNear } from '../../support/near.ts'
import { rejectedBy } from '../../support/rejected.ts'

await prepareBackend('cpu')

const losing = suite('splitLoss')

/** The mean cross-entropy of queries against all candidates at once. */
function crossEntropy(queries: GroupedFeatures, candidates: GroupedFeatures, scale: number): number {
  return mean(
    similarities(queries.features, candidates.features).map((row, query) => {
      const highest = Math.max(...row)
      const total = scale * highest + Math.log(row.reduce((sum, x) => sum + Math.exp(scale * (x - highest)), 0))
      return total - scale * mean(row.filter((_, place) => candidates.groups[place] === queries.groups[query]))
    }),
  )
}

losing('agrees with brute force for any scale, groups and captions, whatever the blocks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ group: fc.integer({ min: 0, max: 5 }), captions: fc.integer({ min: 1, max: 3 }) }), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.double({ min: 1, max: 100, noNaN: true }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 1000 }),
      async (pictures, scale, blockSize, seed) => {
        const textGroups = pictures.flatMap(({ group, captions }) => Array<number>(captions).fill(group))
        const images = grouped(
          unitRows(pictures.length, 3, seed),
          pictures.map(({ group }) => group),
        )
        const texts = grouped(unitRows(textGroups.length, 3, seed + 1), textGroups)
        const expected = (crossEntropy(images, texts, scale) + crossEntropy(texts, images, scale)) / 2
        const tolerance = 1e-6 * (scale + 1)
        assertNear(await splitLoss(images, texts, scale, { blockSize }), expected, tolerance)
        assertNear(await splitLoss(images, texts, scale), expected, tolerance)
      },
    ),
    { numRuns: 60 },
  )
})

losing('is the training loss of one batch where every picture has one caption', async () => {
  const [images, texts] = [unitRows(40, 8, 1), unitRows(40, 8, 2)]
  const groups = Int32Array.from({ length: 40 }, (_, row) => row % 30)
  const loss = lossOf(lossConfig.parse({ kind: 'softmax', matchEqualCaptions: false }))
  const expected = tf.tidy(() => {
    const features = { images: tf.tensor2d(images.values, [40, 8]), texts: tf.tensor2d(texts.values, [40, 8]) }
    return loss(
      features,
      { logitScale: tf.scalar(3) },
      { groups, tokens: new Int32Array(40), tokenLength: 1 },
    ).dataSync()[0] as number
  })
  const [one, other] = [grouped(images, groups), grouped(texts, groups)]
  assertNear(await splitLoss(one, other, Math.exp(3), { blockSize: 7 }), expected, 1e-5)
})

losing('loses nothing where one similarity outshines all others', async () => {
  // At scale 100 the second row's exponentials are below float32's smallest beside the first's.
  const images = grouped(
    matrix([
      [1, 0],
      [-1, 0],
    ]),
    [0, 1],
  )
  const texts = grouped(
    matrix([
      [1, 0],
      [0, 1],
    ]),
    [0, 1],
  )
  const expected = (crossEntropy(images, texts, 100) + crossEntropy(texts, images, 100)) / 2
  assertNear(await splitLoss(images, texts, 100), expected, 1e-4)
})

losing('is not a number where a feature is none, and wants a right answer for all', async () => {
  const images = grouped(unitRows(3, 2, 1), [0, 1, 2])
  const broken = grouped(
    matrix([
      [1, 0],
      [Number.NaN, 0],
      [0, 1],
    ]),
    [0, 1, 2],
  )
  assert.ok(Number.isNaN(await splitLoss(images, broken, 10, { blockSize: 1 })))
  const strange = grouped(unitRows(1, 2, 1), [7])
  const error = await rejectedBy(RetrievalError, splitLoss(images, strange, 10))
  assert.match(error.message, /Query 0 has no right answer: no candidate is of its group 0/)
})

losing.run()
