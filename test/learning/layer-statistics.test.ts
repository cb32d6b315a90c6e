import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { histogramBins, layerStatistics } from '../../src/learning/layer-statistics.ts'

const test = suite('layer statistics')

const floats = fc.float32Array({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3, minLength: 1 })

function near(actual: number, wanted: number, scale: number, what: string): void {
  assert.ok(Math.abs(actual - wanted) <= 1e-5 * scale + 1e-12, `${what}: ${actual} and not ${wanted}`)
}

test('equal a plain computation', () => {
  fc.assert(
    fc.property(floats, values => {
      const all = Array.from(values)
      const told = layerStatistics('layer', values)
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length
      const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length
      const largest = Math.max(...all.map(Math.abs))
      assert.is(told.size, all.length)
      near(told.norm, Math.hypot(...all), Math.hypot(...all), 'norm')
      near(told.mean, mean, largest, 'mean')
      near(told.standardDeviation, Math.sqrt(variance), largest, 'standard deviation')
      near(told.minimum, Math.min(...all), largest, 'minimum')
      near(told.maximum, Math.max(...all), largest, 'maximum')
      near(told.zeros, all.filter(value => value === 0).length / all.length, 1, 'zeros')
      assert.is(told.nonFinite, 0)
      assert.is(
        told.histogram.reduce((sum, count) => sum + count, 0),
        all.length,
      )
    }),
  )
})

test('count in bins of equal width from the minimum to the maximum', () => {
  const values = Float32Array.from({ length: histogramBins * 3 }, (_, index) => Math.floor(index / 3) + 0.5)
  assert.equal(layerStatistics('layer', values).histogram, [
    ...new Array<number>(histogramBins - 1).fill(3),
    // The maximum belongs to the last bin.
    3,
  ])
  const { histogram } = layerStatistics('layer', Float32Array.of(0, 0, 0, 1))
  assert.is(histogram[0], 3)
  assert.is(histogram[histogramBins - 1], 1)
})

test('of equal values: no deviation, all in one bin', () => {
  const told = layerStatistics('layer', Float32Array.of(0, 0, 0))
  assert.equal([told.standardDeviation, told.zeros, told.norm, told.histogram[0]], [0, 1, 0, 3])
})

test('of values that are not finite: the norm says so, everything else is of the others', () => {
  const told = layerStatistics('layer', Float32Array.of(1, Number.NaN, 3, -Infinity))
  assert.is(Number.isFinite(told.norm), false)
  assert.equal([told.mean, told.minimum, told.maximum, told.nonFinite], [2, 1, 3, 2])
  assert.is(told.standardDeviation, 1)
  const none = layerStatistics('layer', Float32Array.of(Number.NaN))
  assert.equal(
    [none.mean, none.minimum, none.maximum].map(value => Number.isNaN(value)),
    [true, true, true],
  )
  assert.is(none.nonFinite, 1)
})

test.run()
