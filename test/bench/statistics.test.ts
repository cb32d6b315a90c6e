import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { median, ratioOf, spreadOf } from '../../bench/framework/statistics.ts'

const statistics = suite('benchmarks: statistics')
const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true })

statistics('a median is the value in the middle, or halfway between the two there', () => {
  assert.is(median([3, 1, 2]), 2)
  assert.is(median([4, 1, 3, 2]), 2.5)
  assert.is(median([10, 9, 100]), 10)
  assert.throws(() => median([]), /no median/)
})

statistics('as many values lie below a median as above it, whatever their order', () => {
  fc.assert(
    fc.property(fc.array(positive, { minLength: 1 }), values => {
      const middle = median(values)
      const below = values.filter(value => value < middle).length
      const above = values.filter(value => value > middle).length
      assert.ok(Math.max(below, above) <= values.length / 2)
      assert.is(median(values.toReversed()), middle)
    }),
  )
})

statistics('a spread is from the smallest to the largest', () => {
  assert.equal(spreadOf([3, 11, 2]), [2, 11])
})

statistics('a ratio above 1 says that ours is better, of times as of rates', () => {
  assert.is(ratioOf(20, 100, 'lower'), 5)
  assert.is(ratioOf(100, 20, 'higher'), 5)
  fc.assert(
    fc.property(positive, positive, (ours, peer) => {
      assert.is((ratioOf(ours, peer, 'lower') ?? Number.NaN) > 1, ours < peer)
      assert.is((ratioOf(ours, peer, 'higher') ?? Number.NaN) > 1, ours > peer)
    }),
  )
})

statistics('there is no ratio to nothing, nor of a difference below zero', () => {
  assert.is(ratioOf(2_000, 0, 'higher'), null)
  assert.is(ratioOf(-3, 500, 'lower'), null)
})

statistics.run()
