import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MetricError } from '../../src/metrics/metric-error.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

const history = suite('MetricsCollector: history')

function collected(steps: number): MetricsCollector {
  const metrics = new MetricsCollector()
  for (let step = 1; step <= steps; step++) metrics.update({ loss: 1 / step }, { prefix: 'train', step })
  return metrics
}

history('gives every value with its step, in the order in which they were measured', () => {
  const { steps, values } = collected(100).getMetric('train_loss')
  assert.is(steps.length, 100)
  for (const [index, step] of steps.entries()) {
    assert.is(step, index + 1)
    assert.is(values[index], 1 / step)
  }
})

history('has no values and no latest of a metric that there is not', () => {
  const metrics = collected(1)
  assert.is(metrics.getMetric('val_loss').values.length, 0)
  assert.is(metrics.getLatest('val_loss'), undefined)
})

history('gives copies, which neither later updates nor their holder change for others', () => {
  const metrics = collected(2)
  const before = metrics.getMetric('train_loss')
  before.values[0] = 7
  metrics.update({ loss: 9 }, { prefix: 'train' })
  assert.is(before.values.length, 2)
  assertSame([...metrics.getMetric('train_loss').values], [1, 0.5, 9])
})

history('drops what lies beyond the step at which training goes on, as if it had never been measured', () => {
  const metrics = collected(10)
  metrics.update({ loss: 3 }, { prefix: 'val', step: 8 })
  metrics.completeEpoch(1, 5)
  metrics.completeEpoch(2, 10)
  metrics.resumeAt(6)
  const fresh = collected(6)
  fresh.completeEpoch(1, 5)
  assertSame(metrics.getSummary(), fresh.getSummary())
  assertSame(metrics.toJSON().series, fresh.toJSON().series)
  assert.equal(metrics.marks, [
    { kind: 'epoch', step: 5, number: 1 },
    { kind: 'resumed', step: 6, number: 2 },
  ])
  metrics.update({ loss: 0 }, { prefix: 'train' })
  assert.is(metrics.getMetric('train_loss').steps.at(-1), 7)
})

history('numbers the attempts, and forgets a resume that a later one goes back behind', () => {
  const metrics = collected(10)
  metrics.resumeAt(4)
  metrics.resumeAt(4)
  assert.equal(metrics.marks, [{ kind: 'resumed', step: 4, number: 3 }])
  metrics.resumeAt(2)
  assert.equal(metrics.marks, [{ kind: 'resumed', step: 2, number: 4 }])
})

history('refuses marks at steps that are none', () => {
  thrownBy(MetricError, () => collected(1).resumeAt(-1))
  thrownBy(MetricError, () => collected(1).completeEpoch(1, 0.5))
})

history('forgets everything when cleared, the count of steps included', () => {
  const metrics = collected(10)
  metrics.completeEpoch(1, 10)
  metrics.clear()
  assert.equal([metrics.names, metrics.marks], [[], []])
  metrics.update({ loss: 5 }, { prefix: 'train' })
  assertSame([...metrics.getMetric('train_loss').steps], [1])
})

history('holds 100,000 points in two doubles each', () => {
  const buffers = () => process.memoryUsage().arrayBuffers
  const before = buffers()
  const metrics = collected(100_000)
  assert.is(metrics.getSummary().train_loss?.count, 100_000)
  const held = (buffers() - before) / 100_000
  // Columns grow by doubling: twice as much at most, and what was outgrown may not be collected yet.
  assert.ok(held < 64, `${held} bytes a point`)
})

history.run()
