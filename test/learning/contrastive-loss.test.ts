import '../../src/learning/gradients.ts'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { contrastiveLoss } from '../../src/learning/contrastive-loss.ts'
import { Random } from '../../src/random/random.ts'

await prepareBackend('cpu')

const contrastive = suite('contrastiveLoss')

type Matrix = readonly (readonly number[])[]

/** The definition, word for word, in double precision: both directions' cross-entropy against shares of the group. */
function lossByDefinition(images: Matrix, texts: Matrix, logitScale: number, groups: readonly number[]): number {
  const logits = images.map(image => texts.map(text => Math.exp(logitScale) * dot(image, text)))
  const transposed = texts.map((_, column) => logits.map(row => row[column] as number))
  return (crossEntropy(logits, groups) + crossEntropy(transposed, groups)) / 2
}

function crossEntropy(logits: Matrix, groups: readonly number[]): number {
  let total = 0
  for (const [anchor, row] of logits.entries()) {
    const highest = Math.max(...row)
    const logOfSum = highest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - highest), 0))
    const right = row.filter((_, other) => groups[other] === groups[anchor])
    total += right.reduce((sum, logit) => sum + (logOfSum - logit) / right.length, 0)
  }
  return total / logits.length
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0)
}

function unitRows(rows: number, dimension: number, seed: number): number[][] {
  const random = new Random(seed, 'bench')
  return Array.from({ length: rows }, () => {
    const row = Array.from({ length: dimension }, () => random.normal())
    const length = Math.hypot(...row)
    return row.map(value => Math.fround(value / length))
  })
}

function lossOf(images: Matrix, texts: Matrix, logitScale: number, groups: readonly number[]): number {
  return tf.tidy(
    () =>
      contrastiveLoss(
        tf.tensor2d(images as number[][]),
        tf.tensor2d(texts as number[][]),
        tf.scalar(logitScale),
        Int32Array.from(groups),
      ).dataSync()[0] as number,
  )
}

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`)
}

contrastive('is the definition, computed in double precision, for any groups and any allowed scale', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 7 }),
      fc.double({ min: 0, max: Math.log(100), noNaN: true }),
      fc.nat(1000),
      (groups, logitScale, seed) => {
        const images = unitRows(groups.length, 5, seed)
        const texts = unitRows(groups.length, 5, seed + 5000)
        const expected = lossByDefinition(images, texts, logitScale, groups)
        near(lossOf(images, texts, logitScale, groups), expected, 1e-5 * (1 + Math.exp(logitScale)))
      },
    ),
    { numRuns: 60 },
  )
})

contrastive('is ln(batch) where features say nothing', () => {
  const same = Array.from({ length: 6 }, () => [1, 0])
  near(lossOf(same, same, 2, [0, 1, 2, 3, 4, 5]), Math.log(6), 1e-5)
})

contrastive('does not punish a sample for being near the others of its group', () => {
  const apart = [
    [1, 0],
    [1, 0],
    [0, 1],
  ]
  const scale = Math.log(100)
  // Two alike anchors share their probability evenly, which is just what is wanted of them: ln 2 each, 0 for the third.
  near(lossOf(apart, apart, scale, [7, 7, 8]), (2 * Math.log(2)) / 3, 1e-4)
  assert.ok(lossOf(apart, [...apart].reverse(), scale, [7, 7, 8]) > 30, 'pairs that are wrong cost much')
})

contrastive('has the gradients that finite differences show', () => {
  const groups = [0, 1, 1, 2]
  const images = unitRows(4, 3, 11)
  const texts = unitRows(4, 3, 12)
  const logitScale = 1.3
  const gradients = tf.grads((x, y, s) =>
    contrastiveLoss(x as tf.Tensor2D, y as tf.Tensor2D, s as tf.Tensor, Int32Array.from(groups)),
  )([tf.tensor2d(images), tf.tensor2d(texts), tf.scalar(logitScale)])
  const [byImages, byTexts, byScale] = gradients.map(gradient => [...gradient.dataSync()])
  const by = 1e-4
  const slope = (at: (shift: number) => number) => (at(by) - at(-by)) / (2 * by)
  const moved = (matrix: Matrix, row: number, column: number, shift: number) =>
    matrix.map((values, r) => values.map((value, c) => (r === row && c === column ? value + shift : value)))
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 3; column++) {
      const place = row * 3 + column
      const toImages = slope(shift => lossByDefinition(moved(images, row, column, shift), texts, logitScale, groups))
      const toTexts = slope(shift => lossByDefinition(images, moved(texts, row, column, shift), logitScale, groups))
      near(byImages?.[place] as number, toImages, 1e-5)
      near(byTexts?.[place] as number, toTexts, 1e-5)
    }
  }
  near(
    byScale?.[0] as number,
    slope(shift => lossByDefinition(images, texts, logitScale + shift, groups)),
    1e-5,
  )
})

contrastive('stays finite at the highest scale and leaves no tensors behind', () => {
  const images = unitRows(5, 4, 3)
  const before = tf.memory().numTensors
  const opposite = images.map(row => row.map(value => -value))
  const loss = lossOf(images, opposite, Math.log(100), [0, 1, 2, 3, 4])
  assert.ok(Number.isFinite(loss) && loss > 10)
  assert.is(tf.memory().numTensors, before)
})

contrastive.run()
