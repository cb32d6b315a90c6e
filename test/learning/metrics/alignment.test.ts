import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { AlignmentError, alignment } from '../../../src/learning/metrics/alignment.ts'
import { uniformity } from '../../../src/learning/metrics/uniformity.ts'
import { Random } from '../../../src/random/random.ts'

await prepareBackend('cpu')

function unitRows(rows: number, dimension: number, seed: number) {
  const random = new Random(seed, 'bench')
  const values = new Float32Array(rows * dimension)
  for (let row = 0; row < rows; row++) {
    const vector = Array.from({ length: dimension }, () => random.normal())
    const length = Math.hypot(...vector)
    values.set(
      vector.map(value => value / length),
      row * dimension,
    )
  }
  return { values, rows, dimension }
}

function near(actual: number, expected: number, tolerance = 1e-6): void {
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not near ${expected}`)
}

const aligning = suite('alignment')

aligning('is what the whole similarity matrix says', () => {
  const rows = 300
  const images = unitRows(rows, 4, 1)
  const texts = unitRows(rows, 4, 2)
  const diagonal: number[] = []
  const others: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < rows; column++) {
      let score = 0
      for (let axis = 0; axis < 4; axis++) {
        score += (images.values[row * 4 + axis] as number) * (texts.values[column * 4 + axis] as number)
      }
      if (row === column) diagonal.push(score)
      else others.push(score)
    }
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(mean(others.map(value => (value - mean(others)) ** 2)))
  const found = alignment(images, texts)
  near(found.diagMean, mean(diagonal))
  near(found.simMean, mean([...diagonal, ...others]))
  near(found.alignmentGap, mean(diagonal) - mean([...diagonal, ...others]))
  near(found.alignmentSnr, (mean(diagonal) - mean(others)) / deviation)
})

aligning('has no signal where all similarities are equal', () => {
  const same = { values: Float32Array.from([0.6, 0.8, 0.6, 0.8]), rows: 2, dimension: 2 }
  const found = alignment(same, same)
  near(found.diagMean, 1)
  near(found.alignmentGap, 0)
  assert.is(found.alignmentSnr, 0)
})

aligning('refuses what is not pairs', () => {
  for (const [images, texts] of [
    [unitRows(2, 3, 1), unitRows(3, 3, 1)],
    [unitRows(1, 3, 1), unitRows(1, 3, 1)],
  ] as const) {
    assert.throws(
      () => alignment(images, texts),
      (error: unknown) => error instanceof AlignmentError,
    )
  }
})

aligning.run()

const spreading = suite('uniformity')

spreading('is 0 for one point, -8 for two opposite ones, and near -4 for many random ones', () => {
  near(uniformity({ values: Float32Array.from([1, 0, 1, 0, 1, 0]), rows: 3, dimension: 2 }), 0)
  near(uniformity({ values: Float32Array.from([1, 0, -1, 0]), rows: 2, dimension: 2 }), -8)
  near(uniformity(unitRows(400, 128, 3)), -4, 0.15)
  assert.ok(Number.isNaN(uniformity(unitRows(1, 3, 1))))
})

spreading('thins large splits out evenly', () => {
  // Alternating opposite points, of which the evenly chosen ones are opposite too: half of the pairs coincide.
  const rows = 3 * 4096
  const values = Float32Array.from({ length: rows * 2 }, (_, place) =>
    place % 2 === 1 ? 0 : (place / 2) % 2 === 0 ? 1 : -1,
  )
  near(uniformity({ values, rows, dimension: 2 }), Math.log((1 + Math.exp(-8)) / 2), 1e-3)
})

spreading.run()
