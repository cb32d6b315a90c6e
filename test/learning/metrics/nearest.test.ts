import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { nearest } from '../../../src/learning/metrics/nearest.ts'
import { matrix, similarities, unitRows } from '../../support/feature-matrices.ts'

await prepareBackend('cpu')

const finding = suite('nearest')

const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 })
const vectors = fc.array(vector, { minLength: 1, maxLength: 20 })

finding('agrees with sorting everything, for any features and count', async () => {
  await fc.assert(
    fc.asyncProperty(vectors, vectors, fc.integer({ min: 1, max: 8 }), async (queries, candidates, count) => {
      const [asked, offered] = [matrix(queries), matrix(candidates)]
      const expected = similarities(asked, offered).map(scores =>
        scores
          .map((similarity, row) => ({ row, similarity }))
          .sort((one, other) => other.similarity - one.similarity || one.row - other.row)
          .slice(0, count),
      )
      // Zeros are compared by value: 0 and -0 are one similarity.
      const found = (await nearest(asked, offered, count)).map(list =>
        list.map(({ row, similarity }) => ({ row, similarity: similarity + 0 })),
      )
      assert.equal(
        found,
        expected.map(list => list.map(({ row, similarity }) => ({ row, similarity: similarity + 0 }))),
      )
    }),
  )
})

finding('finds across blocks', async () => {
  const candidates = unitRows(2100, 4, 1)
  const [found] = await nearest(matrix([[1, 0, 0, 0]]), candidates, 3)
  const firsts = Array.from({ length: 2100 }, (_, row) => candidates.values[row * 4] as number)
  const expected = [...firsts.keys()].sort((a, b) => (firsts[b] as number) - (firsts[a] as number)).slice(0, 3)
  assert.equal(
    found?.map(({ row }) => row),
    expected,
  )
})

finding('puts what is not a number last', async () => {
  const candidates = matrix([
    [Number.NaN, 0],
    [-1, 0],
    [Number.NaN, 0],
    [1, 0],
  ])
  const [found] = await nearest(matrix([[1, 0]]), candidates, 3)
  assert.equal(
    found?.map(({ row }) => row),
    [3, 1, 0],
  )
})

finding.run()
