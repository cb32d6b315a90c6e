import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { smooth } from '../../src/reports/smooth.ts'
import { assertClose } from '../support/close.ts'

const smoothing = suite('smooth')

const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 })

smoothing('leaves a straight line as it is, but for its end', () => {
  const line = Float64Array.from({ length: 100 }, (_, index) => 3 * index - 7)
  assertClose(smooth(line, 10).subarray(0, 80), line.subarray(0, 80), 1e-12, 'the line')
})

smoothing('begins where the values begin, and stays between their extremes', () => {
  fc.assert(
    fc.property(numbers, fc.nat(20), (values, reach) => {
      const smoothed = smooth(Float64Array.from(values), reach)
      assert.ok(Math.abs((smoothed[0] as number) - (values[0] as number)) < 1e-9)
      const [low, high] = [Math.min(...values) - 1e-9, Math.max(...values) + 1e-9]
      for (const value of smoothed) assert.ok(value >= low && value <= high)
    }),
  )
})

smoothing('takes the jumps out of a jagged line', () => {
  const jagged = Float64Array.from({ length: 400 }, (_, index) => 5 + (index % 2 === 0 ? 1 : -1))
  const smoothed = smooth(jagged, 8).subarray(20, 380)
  for (const value of smoothed) assert.ok(Math.abs(value - 5) < 0.1, String(value))
})

smoothing('keeps gaps, and lets them spoil nothing beside them', () => {
  const gaps = [30, 31, 70]
  const values = Float64Array.from({ length: 100 }, (_, index) =>
    gaps.includes(index) ? ([Number.NaN, Number.POSITIVE_INFINITY][index % 2] as number) : 2,
  )
  for (const [index, value] of smooth(values, 5).entries()) {
    if (gaps.includes(index)) assert.ok(Number.isNaN(value))
    else assert.ok(Math.abs(value - 2) < 1e-12)
  }
})

smoothing.run()
