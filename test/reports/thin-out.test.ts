import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inOrder, thinOut } from '../../src/reports/thin-out.ts'
import { assertSame } from '../support/same.ts'

const thinning = suite('thinOut')

const points = fc.array(fc.tuple(fc.nat(5000), fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN))), {
  maxLength: 500,
})

thinning('keeps the first of the lowest and of the highest values, and invents none', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 50 }), (given, stretches) => {
      const all = inOrder(
        given.map(([step]) => step),
        given.map(([, value]) => value),
      )
      const thinned = thinOut(all, stretches)
      const pairs = new Set(Array.from(all.steps, (step, index) => `${step} ${all.values[index]}`))
      for (const [index, step] of thinned.steps.entries()) assert.ok(pairs.has(`${step} ${thinned.values[index]}`))
      const finite = (values: Float64Array) => values.filter(Number.isFinite)
      const [before, after] = [finite(all.values), finite(thinned.values)]
      assert.is(Math.min(...after), Math.min(...before))
      assert.is(Math.max(...after), Math.max(...before))
      assert.ok(thinned.steps.length <= Math.max(2 * stretches, 2 * (stretches + 1)))
    }),
  )
})

thinning('lets few points through untouched', () => {
  const few = inOrder([1, 2, 3], [Number.NaN, 1, 2])
  assert.is(thinOut(few, 2), few)
})

thinning('lets no spike of a million points be lost', () => {
  const values = new Float64Array(1_000_000).fill(1)
  values[123_456] = 1000
  values[876_543] = -1000
  const thinned = thinOut({ steps: values.map((_, index) => index), values }, 900)
  assert.ok(thinned.steps.length < 2000)
  for (const spike of [123_456, 876_543]) assert.ok(thinned.steps.includes(spike))
})

thinning('keeps a long stretch without values as a gap', () => {
  const steps = Float64Array.from({ length: 1000 }, (_, index) => index)
  const values = steps.map(step => (step >= 400 && step < 600 ? Number.NaN : 1))
  const thinned = thinOut({ steps, values }, 100)
  const gap = thinned.steps.filter((_, index) => Number.isNaN(thinned.values[index]))
  assert.ok(gap.length >= 10)
  assert.ok(gap.every(step => step >= 400 && step < 600))
})

thinning('puts points in the order of their steps; those of one step stay in theirs', () => {
  assertSame(inOrder([3, 1, 2, 1], [30, 10, 20, 11]), {
    steps: Float64Array.of(1, 1, 2, 3),
    values: Float64Array.of(10, 11, 20, 30),
  })
})

thinning.run()
