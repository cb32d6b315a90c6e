import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { featureMoments } from '../../../src/learning/metrics/feature-moments.ts'
import { dimensionDeviation, effectiveRank, modalityGap } from '../../../src/learning/metrics/spread.ts'
import { symmetricEigenvalues } from '../../../src/learning/metrics/symmetric-eigenvalues.ts'
import { uniformity } from '../../../src/learning/metrics/uniformity.ts'
import { matrix, mean, similarities, unitRows } from '../../support/feature-matrices.ts'
import { assertNear } from '../../support/near.ts'

await prepareBackend('cpu')

const eigen = suite('symmetricEigenvalues')

eigen('finds the spectrum that a matrix was made with', () => {
  const number = fc.integer({ min: -50, max: 50 }).map(value => value / 8)
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 14 }),
      fc.integer({ min: 0, max: 99 }),
      (spectrum, seed) => {
        const size = spectrum.length
        let rows = spectrum.map((value, row) => spectrum.map((_, column) => (row === column ? value : 0)))
        // Reflected about three directions: I - 2vvᵀ on both sides keeps the spectrum.
        for (const v of [0, 1, 2].map(number => [...unitRows(1, size, seed + number).values])) {
          const length = mean(v.map(x => x * x)) * size
          const reflection = v.map((x, row) => v.map((y, column) => Number(row === column) - (2 * x * y) / length))
          rows = product(product(reflection, rows), reflection)
        }
        const found = symmetricEigenvalues(Float64Array.from(rows.flat()), size)
        for (const [place, value] of spectrum.toSorted((a, b) => a - b).entries()) assertNear(found[place], value, 1e-9)
      },
    ),
  )
})

function product(one: number[][], other: number[][]): number[][] {
  return one.map(row => other.map((_, column) => row.reduce((sum, x, k) => sum + x * (other[k]?.[column] ?? 0), 0)))
}

eigen('leaves its matrix as it was', () => {
  const given = Float64Array.from([2, 1, 1, 2])
  assertNear(symmetricEigenvalues(given, 2)[0], 1, 1e-12)
  assert.equal([...given], [2, 1, 1, 2])
})

eigen.run()

const spreading = suite('spread')

spreading('has the mean and the covariance of the rows, across chunks', () => {
  const features = unitRows(1500, 3, 4)
  const { mean: found, covariance } = featureMoments(features)
  const column = (axis: number) => Array.from({ length: 1500 }, (_, row) => features.values[row * 3 + axis] as number)
  for (const one of [0, 1, 2]) {
    assertNear(found[one], mean(column(one)), 1e-9)
    for (const other of [0, 1, 2]) {
      const products = column(one).map(
        (x, row) => (x - mean(column(one))) * ((column(other)[row] as number) - mean(column(other))),
      )
      assertNear(covariance[one * 3 + other], mean(products), 1e-6)
    }
  }
})

spreading('counts the dimensions that are used', () => {
  const axes = (count: number, dimension: number) =>
    matrix(
      Array.from({ length: 2 * count }, (_, row) =>
        Array.from({ length: dimension }, (_, axis) => (axis === row >> 1 ? (row % 2 === 0 ? 1 : -1) : 0)),
      ),
    )
  for (const count of [1, 3, 6]) assertNear(effectiveRank(featureMoments(axes(count, 6))), count, 1e-5)
  const even = effectiveRank(featureMoments(unitRows(4000, 16, 1)))
  assert.ok(even > 15.9 && even <= 16)
  // Singular values of 3 and 1 in two dimensions, each row at its place on a line.
  const uneven = featureMoments(
    matrix([
      [3, 0],
      [-3, 0],
      [0, 1],
      [0, -1],
    ]),
  )
  assertNear(effectiveRank(uneven), Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25))), 1e-6)
})

spreading('finds one dimension in collapsed features, whatever their rounding', () => {
  const [point] = [unitRows(1, 32, 3).values]
  const wobbling = matrix(
    Array.from({ length: 200 }, (_, row) => [...point].map(x => x * (1 + 1e-7 * Math.sin(row * x)))),
  )
  const moments = featureMoments(wobbling)
  assert.is(effectiveRank(moments), 1)
  assert.ok(dimensionDeviation(moments) < 1e-6)
  assertNear(modalityGap(moments, moments), 0, 1e-12)
})

spreading('deviates by one over the root of the dimension where features spread evenly', () => {
  assertNear(dimensionDeviation(featureMoments(unitRows(4000, 16, 1))), 1 / 4, 2e-3)
})

spreading('measures how far two modalities lie apart', () => {
  const one = featureMoments(
    matrix([
      [1, 0],
      [0, 1],
    ]),
  )
  const other = featureMoments(
    matrix([
      [-1, 0],
      [0, -1],
    ]),
  )
  assertNear(modalityGap(one, other), Math.SQRT2)
})

spreading('is not a number where a feature is none', async () => {
  const broken = matrix([
    [1, 0],
    [Number.NaN, 1],
    [0, 1],
  ])
  const moments = featureMoments(broken)
  assert.ok(Number.isNaN(effectiveRank(moments)))
  assert.ok(Number.isNaN(dimensionDeviation(moments)))
  assert.ok(Number.isNaN(modalityGap(moments, moments)))
  assert.ok(Number.isNaN(await uniformity(broken)))
})

spreading.run()

const even = suite('uniformity')

even('is 0 for one point, -8 for two opposite ones, and near -4 for many random ones', async () => {
  assertNear(
    await uniformity(
      matrix([
        [1, 0],
        [1, 0],
        [1, 0],
      ]),
    ),
    0,
  )
  assertNear(
    await uniformity(
      matrix([
        [1, 0],
        [-1, 0],
      ]),
    ),
    -8,
  )
  assertNear(await uniformity(unitRows(400, 128, 3)), -4, 0.15)
  assert.ok(Number.isNaN(await uniformity(unitRows(1, 3, 1))))
})

even('is the mean over all pairs, whatever the blocks', async () => {
  const features = unitRows(50, 4, 1)
  const pairs = similarities(features, features).flatMap((row, one) => row.filter((_, other) => other < one))
  const expected = Math.log(mean(pairs.map(similarity => Math.exp(4 * similarity - 4))))
  for (const blockSize of [1, 7, 50, 1024]) assertNear(await uniformity(features, { blockSize }), expected)
})

even.run()
