import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Better, betterSide } from '../../src/metrics/metric-words.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import type { SeriesKey } from '../../src/metrics/metrics-home.ts'
import { RunningSummary } from '../../src/metrics/running-summary.ts'
import { assertSame } from '../support/same.ts'

const summary = suite('MetricsCollector: summary')

function summed(values: readonly number[]): RunningSummary {
  const running = new RunningSummary()
  for (const [index, value] of values.entries()) running.take(index + 1, value)
  return running
}

/** The sum, with what rounding loses added in the end (Neumaier). */
function exactSum(values: readonly number[]): number {
  let [sum, lost] = [0, 0]
  for (const value of values) {
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + lost
}

function twoPasses(values: readonly number[]): { mean: number; std: number } {
  const first = exactSum(values) / values.length
  const mean = first + exactSum(values.map(value => value - first)) / values.length
  return { mean, std: Math.sqrt(exactSum(values.map(value => (value - mean) ** 2)) / values.length) }
}

function assertTwoPasses(values: readonly number[]): void {
  const running = summed(values)
  const { mean, std } = twoPasses(values)
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  assert.ok(Math.abs(running.average - mean) <= 1e-12 * largest, `mean ${running.average}, wanted ${mean}`)
  // Values that differ only in their last bits have a deviation of which no pass knows more than a few, and below 1e-150
  // squares are no longer exact.
  const floor = largest * 2 ** -52 + 1e-150
  const deviation = running.standardDeviation
  assert.ok(Math.abs(deviation - std) <= 1e-12 * std + floor, `deviation ${deviation}, wanted ${std}`)
}

summary('is, online, what two passes over all values give', () => {
  const real = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  const offset = fc.constantFrom(0, 1, -3.75, 1e3, -1e6, 1e9)
  fc.assert(
    fc.property(fc.array(real, { minLength: 1, maxLength: 300 }), offset, (values, shift) => {
      assertTwoPasses(values.map(value => value + shift))
    }),
    { numRuns: 300 },
  )
})

summary('is so after 200,000 values with a small spread around a large mean', () => {
  assertTwoPasses(Array.from({ length: 200_000 }, (_, index) => 1e6 + Math.sin(index * 12.9898)))
})

summary('is exact where all values are the same', () => {
  const running = summed(Array.from({ length: 1000 }, () => 0.1))
  assert.equal([running.average, running.standardDeviation], [0.1, 0])
})

summary('is kept and taken back to the last bit, wherever it lies', () => {
  fc.assert(
    fc.property(fc.array(fc.double()), fc.array(fc.double()), fc.nat(3), (before, after, place) => {
      const offset = place * RunningSummary.size
      const stored = new Float64Array(offset + RunningSummary.size)
      const running = summed(before)
      running.store(stored, offset)
      const restored = RunningSummary.restore(stored, offset)
      for (const [index, value] of after.entries()) {
        running.take(before.length + index + 1, value)
        restored.take(before.length + index + 1, value)
      }
      assertSame(restored, running)
    }),
  )
})

summary('tells latest, best, mean, deviation and extremes, with their steps', () => {
  const metrics = new MetricsCollector()
  for (const [step, loss] of [4, 1, 2, 5].entries()) metrics.update({ loss }, { prefix: 'train', step: 10 * step })
  assert.equal(metrics.getSummary(), {
    train_loss: {
      count: 4,
      nonFinite: 0,
      latest: 5,
      latestStep: 30,
      best: 1,
      bestStep: 10,
      mean: 3,
      std: Math.sqrt(2.5),
      min: 1,
      max: 5,
    },
  })
})

summary('counts values that are not finite and leaves them out of everything but the latest', () => {
  const metrics = new MetricsCollector()
  for (const loss of [2, Number.NaN, 4, Number.POSITIVE_INFINITY]) metrics.update({ loss })
  const { count, nonFinite, latest, best, mean, max } = metrics.getSummary().loss ?? {}
  assertSame([count, nonFinite, latest, best, mean, max], [4, 2, Number.POSITIVE_INFINITY, 2, 3, 4])
})

summary('has nothing to say where no value is finite', () => {
  const metrics = new MetricsCollector()
  metrics.update({ loss: Number.NaN })
  const { best, bestStep, mean, std, min } = metrics.getSummary().loss ?? {}
  assertSame([best, bestStep, mean, std, min], [null, null, Number.NaN, Number.NaN, Number.NaN])
})

const sides: readonly (readonly [metric: string, side: Better | undefined])[] = [
  ['loss', 'lower'],
  ['reconstruction_error', 'lower'],
  ['perplexity', 'lower'],
  ['textToImageMedianRank', 'lower'],
  ['imageUniformity', 'lower'],
  ['accuracy', 'higher'],
  ['recalls_top1', 'higher'],
  ['textToImageRecallAt10', 'higher'],
  ['alignmentSnr', 'higher'],
  ['alignmentGap', 'higher'],
  ['f1', 'higher'],
  ['learningRate', undefined],
  ['logitScale', undefined],
  ['gradientNorm', undefined],
  ['gradient_of_the_loss', undefined],
  ['imageEffectiveRank', undefined],
  ['modalityGap', undefined],
  ['whatever', undefined],
]

summary('knows by the words of a name which side is better', () => {
  for (const [metric, side] of sides) assert.is(betterSide(metric), side, metric)
})

summary('takes the highest for best where higher is better, and none where neither is', () => {
  const metrics = new MetricsCollector()
  for (const value of [1, 3, 2]) metrics.update({ accuracy: value, loss: value, learningRate: value })
  const { accuracy, loss, learningRate } = metrics.getSummary()
  assert.equal([accuracy?.best, accuracy?.bestStep], [3, 2])
  assert.equal([loss?.best, loss?.bestStep], [1, 1])
  assert.equal([learningRate?.best, learningRate?.bestStep], [null, null])
})

summary('goes by a subclass for metrics of its own', () => {
  class Golf extends MetricsCollector {
    protected override better(key: SeriesKey): Better | undefined {
      return key.metric === 'strokes' ? 'lower' : super.better(key)
    }
  }
  const golf = new Golf()
  for (const strokes of [5, 3, 4]) golf.update({ strokes, score: strokes })
  assert.equal([golf.getSummary().strokes?.best, golf.getSummary().score?.best], [3, 5])
})

summary.run()
