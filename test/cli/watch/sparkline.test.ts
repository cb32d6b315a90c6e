import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { columnValues, sparkline } from '../../../src/cli/watch/sparkline.ts'

const spark = suite('sparkline')

const any = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, 1e-320, 1e308, -1e308))

spark('draws the lowest as an eighth, the highest whole, and a gap where there is no number', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), ['▁▂▃▄▅▆▇█'])
  assert.equal(sparkline([1, Number.NaN, 3, Number.POSITIVE_INFINITY, 2]), ['▁ █ ▅'])
  assert.equal(sparkline([5, 5, Number.NaN]), ['▄▄ '])
  assert.equal(sparkline([0, 15, 7], 2), [' █ ', '▁██'])
  assert.equal(sparkline([]), [''])
})

spark('has a character a value in each row, whatever the values are, and never falls where they rise', () => {
  fc.assert(
    fc.property(fc.array(any, { maxLength: 50 }), fc.integer({ min: 1, max: 6 }), (values, rows) => {
      const drawn = sparkline(values, rows)
      assert.is(drawn.length, rows)
      for (const row of drawn) assert.match(row, new RegExp(`^[ ▁-█]{${values.length}}$`))
      const heights = values.map((_, column) =>
        drawn.reduce((height, row) => height + ' ▁▂▃▄▅▆▇█'.indexOf(row[column] ?? '?'), 0),
      )
      for (const [one, value] of values.entries()) {
        assert.is((heights[one] ?? 0) > 0, Number.isFinite(value))
        for (const [other, larger] of values.entries()) {
          if (Number.isFinite(value) && Number.isFinite(larger) && value <= larger) {
            assert.ok((heights[one] ?? 0) <= (heights[other] ?? 0))
          }
        }
      }
    }),
  )
})

spark('a column is the mean of its steps, and holds what was measured last', () => {
  const points = { steps: [1, 2, 3, 4], values: [1, 3, 5, null] }
  assert.equal(columnValues(points, { from: 1, to: 4 }, 2), [2, 5])
  assert.equal(columnValues(points, { from: 1, to: 4 }, 4), [1, 3, 5, Number.NaN])
  assert.equal(columnValues({ steps: [4], values: [7] }, { from: 1, to: 8 }, 4), [Number.NaN, 7, 7, 7])
  assert.equal(columnValues({ steps: [1, 2], values: [7, null] }, { from: 1, to: 2 }, 4), [
    7,
    7,
    Number.NaN,
    Number.NaN,
  ])
  assert.equal(columnValues({ steps: [], values: [] }, { from: 0, to: 0 }, 2), [Number.NaN, Number.NaN])
})

spark('a column lies between the lowest and the highest value of the series', () => {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(null))
  fc.assert(
    fc.property(fc.array(value), fc.nat(100), (values, columns) => {
      const steps = values.map((_, index) => index + 1)
      const drawn = columnValues({ steps, values }, { from: 1, to: values.length }, columns)
      assert.is(drawn.length, columns)
      const finite = values.filter(value => value !== null)
      for (const each of drawn.filter(Number.isFinite)) {
        assert.ok(each >= Math.min(...finite) - 1e-6 && each <= Math.max(...finite) + 1e-6)
      }
    }),
  )
})

spark.run()
