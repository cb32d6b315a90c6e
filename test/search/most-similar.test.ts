import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mostSimilar } from '../../src/search/most-similar.ts'

const test = suite('mostSimilar')

const value = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constant(Number.NaN))

test('gives the rows of the largest dot products, of equals the first, and what is no number last', () => {
  const matrix = fc.array(fc.tuple(value, value), { maxLength: 12 })
  fc.assert(
    fc.property(fc.tuple(value, value), matrix, fc.nat({ max: 14 }), (query, rows, count) => {
      const candidates = { values: Float32Array.from(rows.flat()), rows: rows.length, dimension: 2 }
      const found = mostSimilar(Float32Array.from(query), candidates, count)
      const all = rows.map(([x, y], row) => ({ row, similarity: x * query[0] + y * query[1] }))
      const numbers = all
        .filter(({ similarity }) => !Number.isNaN(similarity))
        .sort((a, b) => b.similarity - a.similarity)
      const wanted = [...numbers, ...all.filter(({ similarity }) => Number.isNaN(similarity))].slice(0, count)
      assert.equal(
        found.map(({ row }) => row),
        wanted.map(({ row }) => row),
      )
    }),
  )
})

test.run()
