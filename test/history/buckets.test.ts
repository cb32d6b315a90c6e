import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Buckets, bucketWidth } from '../../src/history/measured/buckets.ts'

const test = suite('dashboard: thinning a series out')

const measured = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
)
const series = fc.array(measured, { minLength: 1, maxLength: 300 })
const width = fc.integer({ min: 0, max: 6 }).map(power => 2 ** power)

function bucketsOf(values: readonly number[], width: number): Buckets {
  const buckets = new Buckets(width)
  for (const [index, value] of values.entries()) buckets.push(index + 1, value)
  return buckets
}

test('of each bucket the extremes and the mean stay, in order, and nothing is made up', () => {
  fc.assert(
    fc.property(series, width, (values, width) => {
      const { steps, values: kept, means } = bucketsOf(values, width).thinned()
      const places = values.map((_, index) => Math.floor((index + 1) / width))
      assert.is(means === null, new Set(places).size === values.length)
      for (const [index, step] of steps.entries()) {
        if (index > 0) assert.ok((steps[index - 1] ?? 0) < step)
        const value = values[step - 1] ?? Number.NaN
        assert.is(kept[index], Number.isNaN(value) ? null : value)
      }
      for (const place of new Set(places)) {
        const own = values.filter((value, index) => places[index] === place && !Number.isNaN(value))
        const shown = kept.filter((_, index) => Math.floor((steps[index] ?? 0) / width) === place)
        assert.ok(shown.length <= 2)
        if (own.length === 0) assert.equal(shown, [null])
        else
          assert.equal(
            [Math.min(...shown.map(Number)), Math.max(...shown.map(Number))],
            [Math.min(...own), Math.max(...own)],
          )
      }
    }),
  )
})

test('the mean of a bucket leaves out what is no number, and a bucket without a number is a gap', () => {
  const { means } = bucketsOf([1, Number.NaN, 5, 6, Number.NaN, Number.NaN, Number.NaN], 4).thinned()
  assert.equal(means, { steps: [2, 5.5], values: [3, 6] })
  assert.equal(bucketsOf([1, 1, 1, Number.NaN, Number.NaN], 4).thinned().values, [1, null])
})

test('wide buckets are the same whether made of points or of narrower ones', () => {
  fc.assert(
    fc.property(series, width, width, (values, one, other) => {
      const [narrow, wide] = [Math.min(one, other), Math.max(one, other)]
      const merged = new Buckets(wide)
      merged.take(bucketsOf(values, narrow), 0, values.length)
      const [told, expected] = [merged.thinned(), bucketsOf(values, wide).thinned()]
      assert.equal(told, expected)
    }),
  )
})

test('there are never more buckets than wanted, and steps are told one by one as long as they are few', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1000 }), (steps, most) => {
      const width = bucketWidth(steps, most)
      assert.is(width === 1, steps <= 2 * most)
      if (width > 1) assert.ok(steps / width <= most && steps / width > most / 2)
    }),
  )
})

test.run()
