import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { retrievalRanks } from '../../../src/learning/metrics/ranks.ts'
import { RetrievalError, retrieval, summarizeRanks } from '../../../src/learning/metrics/retrieval.ts'
import { grouped, matrix, similarities, unitRows } from '../../support/feature-matrices.ts'
import { rejectedBy } from '../../support/rejected.ts'
import { usableBackends } from '../../support/usable-backends.ts'

/** Whole numbers are multiplied and added exactly, and ties are frequent. */
const vector = fc.oneof(
  { weight: 9, arbitrary: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom([Number.NaN, 1], [1, Infinity], [-Infinity, Number.NaN]) },
)

/** Pictures of three groups, each with one to three captions. */
const split = fc.array(
  fc.record({
    image: vector,
    group: fc.integer({ min: 0, max: 2 }),
    texts: fc.array(vector, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
)

/** The mean place of the best right answers, over all orders in which candidates of one score could be listed. */
function ranksByBruteForce(queries: number[][], queryGroups: number[], candidates: number[][], groups: number[]) {
  const finite = (values: readonly number[]) => values.every(Number.isFinite)
  return queries.map((query, index) => {
    const scored = candidates.map((candidate, place) => ({
      right: groups[place] === queryGroups[index],
      score: finite(candidate)
        ? query.reduce((sum, value, axis) => sum + value * (candidate[axis] as number), 0)
        : null,
    }))
    const right = scored.flatMap(({ right, score }) => (right && score !== null ? [score] : []))
    if (!finite(query) || right.length === 0) return Number.POSITIVE_INFINITY
    const best = Math.max(...right)
    const wrong = scored.filter(({ right }) => !right)
    const first = 1 + wrong.filter(({ score }) => score === null || score > best).length
    return first + wrong.filter(({ score }) => score === best).length / 2
  })
}

for (const backend of usableBackends()) {
  const ranking = suite(`retrievalRanks on ${backend}`)

  ranking('agrees with brute force for any features, groups and captions, whatever the blocks', async () => {
    await prepareBackend(backend)
    await fc.assert(
      fc.asyncProperty(split, fc.integer({ min: 1, max: 8 }), async (pictures, blockSize) => {
        const images = pictures.map(({ image }) => [...image])
        const imageGroups = pictures.map(({ group }) => group)
        const texts = pictures.flatMap(({ texts }) => texts.map(text => [...text]))
        const textGroups = pictures.flatMap(({ group, texts }) => texts.map(() => group))
        const [rows, columns] = [grouped(matrix(images), imageGroups), grouped(matrix(texts), textGroups)]
        const found = await retrievalRanks(rows, columns, { blockSize })
        assert.equal([...found.rows], ranksByBruteForce(images, imageGroups, texts, textGroups))
        assert.equal([...found.columns], ranksByBruteForce(texts, textGroups, images, imageGroups))
      }),
      { numRuns: 60 },
    )
  })

  // Native matrix products give equal features scores that differ in the last bit at the edges of a matrix.
  for (const rows of [25, 1031]) {
    ranking(`neither favours nor punishes ${rows} features that are all the same`, async () => {
      await prepareBackend(backend)
      const [image, text] = [unitRows(1, 24, 1), unitRows(1, 24, 2)]
      const all = ({ values }: typeof image) =>
        grouped(matrix(Array.from({ length: rows }, () => [...values])), Array(rows).keys())
      for (const found of Object.values(await retrieval(all(image), all(text)))) {
        const middle = (rows + 1) / 2
        assert.equal(found, { recallAt1: 0, recallAt5: 0, recallAt10: 0, medianRank: middle, meanRank: middle })
      }
    })
  }

  ranking('agrees with brute force on real similarities', async () => {
    await prepareBackend(backend)
    const [images, texts] = [unitRows(300, 16, 1), unitRows(300, 16, 2)]
    const groups = Array.from({ length: 300 }, (_, row) => row % 100)
    const scores = similarities(images, texts)
    const expected = scores.map((row, query) => {
      const best = Math.max(...row.filter((_, column) => groups[column] === groups[query]))
      const wrong = row.filter((_, column) => groups[column] !== groups[query])
      const same = wrong.filter(score => Math.abs(score - best) < 2 ** -20)
      return 1 + wrong.filter(score => score >= best + 2 ** -20).length + same.length / 2
    })
    const { rows } = await retrievalRanks(grouped(images, groups), grouped(texts, groups), { blockSize: 128 })
    assert.equal([...rows], expected)
  })

  ranking.run()
}

const finding = suite('retrieval')

finding.before.each(async () => {
  await prepareBackend('cpu')
})

finding('summarises ranks', () => {
  assert.equal(summarizeRanks(Float64Array.from([12, 1, 1.5, 7])), {
    recallAt1: 1 / 4,
    recallAt5: 2 / 4,
    recallAt10: 3 / 4,
    medianRank: 4.25,
    meanRank: 21.5 / 4,
  })
  assert.is(summarizeRanks(Float64Array.from([3, 1, 2])).medianRank, 2)
})

finding('finds nothing with features that are not numbers, however few candidates there are', async () => {
  const nothing = grouped(matrix(Array.from({ length: 3 }, () => [Number.NaN, Number.NaN])), [0, 1, 2])
  const sound = grouped(
    matrix([
      [1, 0],
      [0, 1],
      [-1, 0],
    ]),
    [0, 1, 2],
  )
  for (const [images, texts] of [
    [nothing, nothing],
    [nothing, sound],
    [sound, nothing],
  ] as const) {
    for (const found of Object.values(await retrieval(images, texts))) {
      assert.equal(found, { recallAt1: 0, recallAt5: 0, recallAt10: 0, medianRank: Infinity, meanRank: Infinity })
    }
  }
  const partly = grouped(
    matrix([
      [1, 0],
      [Number.NaN, 1],
      [-1, 0],
    ]),
    [0, 1, 2],
  )
  assert.equal(await retrievalRanks(sound, partly), {
    rows: Float64Array.from([2, Infinity, 2]),
    columns: Float64Array.from([1, Infinity, 1]),
  })
})

finding('refuses queries without a right answer, and a split without samples; leaves no tensors behind', async () => {
  const before = tf.memory().numTensors
  const one = grouped(matrix([[1, 0]]), [4])
  const other = grouped(matrix([[1, 0]]), [5])
  const none = grouped(matrix([], 2), [])
  for (const [images, texts, message] of [
    [one, other, /Query 0 has no right answer among the 1 candidates: none is of its group 4/],
    [none, one, /without pictures or without texts/],
    [one, none, /without pictures or without texts/],
  ] as const) {
    assert.match((await rejectedBy(RetrievalError, retrieval(images, texts))).message, message)
  }
  await retrieval(one, one)
  assert.is(tf.memory().numTensors, before)
})

finding.run()
