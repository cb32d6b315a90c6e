import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BucketedPoints } from '../../src/dashboard/series/bucketed-points.ts'

const test = suite('dashboard: thinning a series out')

const measured = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
)

function thin(values: readonly number[], buckets: number) {
  const points = new BucketedPoints({ from: 1, to: values.length, buckets })
  for (const [index, value] of values.entries()) points.push(index + 1, value)
  return points.thinned()
}

test('of each bucket the extremes and the mean stay, in order, and nothing is made up', () => {
  fc.assert(
    fc.property(
      fc.array(measured, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 20 }),
      (values, buckets) => {
        const { steps, values: kept, means } = thin(values, buckets)
        const few = values.length <= 2 * buckets
        assert.is(means === null, few)
        assert.ok(steps.length <= 2 * buckets)
        for (const [index, step] of steps.entries()) {
          if (index > 0) assert.ok((steps[index - 1] ?? 0) < step)
          const value = values[step - 1] ?? Number.NaN
          assert.is(kept[index], Number.isNaN(value) ? null : value)
        }
        const width = values.length / buckets
        for (let bucket = 0; bucket < buckets && !few; bucket++) {
          const own = values.filter((value, index) => Math.floor(index / width) === bucket && !Number.isNaN(value))
          const shown = kept.filter((_, index) => Math.floor(((steps[index] ?? 0) - 1) / width) === bucket)
          if (own.length === 0) continue
          assert.ok(shown.includes(Math.min(...own)))
          assert.ok(shown.includes(Math.max(...own)))
        }
      },
    ),
  )
})

test('the mean of a bucket leaves out what is no number, and a bucket without a number is a gap', () => {
  const { means } = thin([1, Number.NaN, 5, 6, Number.NaN, Number.NaN, Number.NaN, Number.NaN], 2)
  assert.equal(means, { steps: [2.5, 6.5], values: [4, null] })
})

test.run()
