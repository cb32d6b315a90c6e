import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { RetrievalError, retrieval } from '../../../src/learning/metrics/retrieval.ts'

await prepareBackend('cpu')

const finding = suite('retrieval')

/** Rows of small whole numbers: their products are exact, and ties are frequent. */
function matrix(rows: readonly (readonly number[])[], dimension = 2) {
  return { values: Float32Array.from(rows.flat()), rows: rows.length, dimension }
}

/** Every query against every candidate, sorted: the mean place of the best right answers among those of its score. */
function ranksByBruteForce(queries: number[][], queryGroups: number[], candidates: number[][], groups: number[]) {
  return queries.map((query, index) => {
    const scored = candidates.map((candidate, place) => ({
      score: query.reduce((sum, value, axis) => sum + value * (candidate[axis] as number), 0),
      right: groups[place] === queryGroups[index],
    }))
    const best = Math.max(...scored.filter(({ right }) => right).map(({ score }) => score))
    const wrong = scored.filter(({ right }) => !right)
    const places = {
      first: 1 + wrong.filter(({ score }) => score > best).length,
      ties: wrong.filter(({ score }) => score === best).length,
    }
    return (places.first + places.first + places.ties) / 2
  })
}

const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 })
const group = fc.integer({ min: 0, max: 3 })

finding('agrees with brute force for any features and groups', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(vector, group), { minLength: 1, maxLength: 25 }),
      fc.array(fc.tuple(vector, group), { minLength: 0, maxLength: 25 }),
      (asked, others) => {
        // Every group that is asked for is among the candidates.
        const offered = [...asked.map(([values, of]) => [values.map(value => -value), of] as const), ...others]
        const ranks = ranksByBruteForce(
          asked.map(([values]) => values),
          asked.map(([, of]) => of),
          offered.map(([values]) => [...values]),
          offered.map(([, of]) => of),
        ).sort((a, b) => a - b)
        const found = retrieval(
          { features: matrix(asked.map(([values]) => values)), groups: Int32Array.from(asked.map(([, of]) => of)) },
          { features: matrix(offered.map(([values]) => values)), groups: Int32Array.from(offered.map(([, of]) => of)) },
        )
        const share = (limit: number) => ranks.filter(rank => rank <= limit).length / ranks.length
        const middle = ranks.length / 2
        assert.is(found.recallAt1, share(1))
        assert.is(found.recallAt5, share(5))
        assert.is(found.recallAt10, share(10))
        assert.is(found.meanRank, ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length)
        assert.is(
          found.medianRank,
          Number.isInteger(middle)
            ? ((ranks[middle - 1] as number) + (ranks[middle] as number)) / 2
            : (ranks[Math.floor(middle)] as number),
        )
      },
    ),
  )
})

finding('neither favours nor punishes features that are all the same', () => {
  const rows = 301
  const features = matrix(Array.from({ length: rows }, () => [1, 0]))
  const groups = Int32Array.from({ length: rows }, (_, row) => row)
  const found = retrieval({ features, groups }, { features, groups })
  assert.is(found.recallAt10, 0)
  assert.is(found.medianRank, 151)
})

finding('puts features that are not numbers last', () => {
  const features = matrix([
    [1, 0],
    [Number.NaN, 1],
    [0, 1],
  ])
  const groups = Int32Array.from([0, 1, 2])
  const found = retrieval(
    { features, groups },
    {
      features: matrix([
        [1, 0],
        [0, 1],
        [0.5, 0.5],
      ]),
      groups,
    },
  )
  assert.is(found.recallAt1, 1 / 3)
  assert.is(found.meanRank, (1 + 3 + 2) / 3)
})

finding('refuses queries without a right answer, and a split without samples; leaves no tensors behind', () => {
  const before = tf.memory().numTensors
  const one = { features: matrix([[1, 0]]), groups: Int32Array.from([4]) }
  const other = { features: matrix([[1, 0]]), groups: Int32Array.from([5]) }
  const none = { features: matrix([]), groups: new Int32Array(0) }
  for (const queries of [one, none]) {
    assert.throws(
      () => retrieval(queries, other),
      (error: unknown) => error instanceof RetrievalError,
    )
  }
  retrieval(one, one)
  assert.is(tf.memory().numTensors, before)
})

finding.run()
