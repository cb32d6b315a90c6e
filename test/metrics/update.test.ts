import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MetricError } from '../../src/metrics/metric-error.ts'
import type { MetricValues } from '../../src/metrics/metric-values.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

const update = suite('MetricsCollector: update')

update('keeps simple metrics under their prefix', () => {
  const metrics = new MetricsCollector()
  metrics.update({ loss: 0.5, accuracy: 0.85 }, { prefix: 'train' })
  assert.equal(metrics.names, ['train_loss', 'train_accuracy'])
  assert.is(metrics.getLatest('train_loss'), 0.5)
  assert.is(metrics.getLatest('train_accuracy'), 0.85)
})

update('joins the names of nested metrics', () => {
  const metrics = new MetricsCollector()
  metrics.update({ loss: 0.4, recalls: { top1: 0.8, textToImage: { top5: 0.95 } } }, { prefix: 'val' })
  assert.equal(metrics.names, ['val_loss', 'val_recalls_top1', 'val_recalls_textToImage_top5'])
  assert.is(metrics.getLatest('val_recalls_textToImage_top5'), 0.95)
})

update('takes metrics without a prefix by their own names', () => {
  const metrics = new MetricsCollector()
  metrics.update({ loss: 1, recalls: { top1: 0 } })
  assert.equal(metrics.names, ['loss', 'recalls_top1'])
})

update('counts steps for each prefix where none is given, and goes on after one that is', () => {
  const metrics = new MetricsCollector()
  metrics.update({ loss: 3 }, { prefix: 'train' })
  metrics.update({ loss: 2 }, { prefix: 'train' })
  metrics.update({ loss: 4 }, { prefix: 'val' })
  metrics.update({ loss: 1 }, { prefix: 'train', step: 10 })
  metrics.update({ loss: 0 }, { prefix: 'train' })
  assertSame([...metrics.getMetric('train_loss').steps], [1, 2, 10, 11])
  assertSame([...metrics.getMetric('val_loss').steps], [1])
})

update('reads tensors of one number, whatever their shape and type, and leaves them to the caller', () => {
  const tensors = { loss: tf.scalar(0.25), hits: tf.tensor([[3]], [1, 1], 'int32'), best: tf.scalar(true, 'bool') }
  const before = tf.memory().numTensors
  const metrics = new MetricsCollector()
  metrics.update({ ...tensors, nested: { ratio: tensors.loss } }, { prefix: 'train' })
  assert.equal(
    metrics.names.map(name => metrics.getLatest(name)),
    [0.25, 3, 1, 0.25],
  )
  assert.is(tf.memory().numTensors, before)
  assert.not.ok(tensors.loss.isDisposed)
  tf.dispose(tensors)
})

update('refuses tensors that are not one number, and says how to make them one', () => {
  const metrics = new MetricsCollector()
  const vector = tf.tensor1d([1, 2])
  const text = tf.scalar('high')
  const { message } = thrownBy(MetricError, () => metrics.update({ recalls: { all: vector } }))
  assert.match(message, /recalls_all is a float32 tensor of shape \[2\].*mean\(\)/)
  assert.match(thrownBy(MetricError, () => metrics.update({ text })).message, /string tensor/)
  tf.dispose([vector, text])
  assert.match(thrownBy(MetricError, () => metrics.update({ vector })).message, /was disposed/)
})

const noNumbers: Readonly<Record<string, unknown>> = {
  'a text': { loss: 'low' },
  'a list': { loss: [1] },
  null: { loss: null },
  undefined: { loss: undefined },
  'a boolean': { loss: true },
  'a date': { loss: new Date(0) },
  'a text in a nest': { recalls: { top1: '0.8' } },
}

for (const [what, values] of Object.entries(noNumbers)) {
  update(`refuses ${what}, and takes in nothing of the same update`, () => {
    const metrics = new MetricsCollector()
    const given = { before: 1, ...(values as MetricValues), after: 2 }
    thrownBy(MetricError, () => metrics.update(given, { prefix: 'train' }))
    assert.equal(metrics.names, [])
  })
}

update('refuses what holds itself', () => {
  const round: Record<string, unknown> = {}
  round.round = round
  assert.match(
    thrownBy(MetricError, () => new MetricsCollector().update(round as MetricValues)).message,
    /must not hold itself/,
  )
})

update('refuses steps that are no whole numbers from 0', () => {
  const metrics = new MetricsCollector()
  for (const step of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.match(thrownBy(MetricError, () => metrics.update({ loss: 1 }, { step })).message, String(step))
  }
  assert.equal(metrics.names, [])
})

update('refuses two metrics of one name, and takes in nothing of the same update', () => {
  const metrics = new MetricsCollector()
  metrics.update({ top_1: 0.5 }, { prefix: 'val' })
  const { message } = thrownBy(MetricError, () => metrics.update({ other: 1, '1': 0.7 }, { prefix: 'val_top' }))
  assert.match(message, /both be called val_top_1/)
  assert.equal(metrics.names, ['val_top_1'])
})

update('takes names that JavaScript has other uses for', () => {
  const metrics = new MetricsCollector()
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', '']
  metrics.update(Object.fromEntries(names.map((name, index) => [name, index])), { prefix: '__proto__' })
  assert.equal(
    names.map(name => metrics.getLatest(`__proto___${name}`)),
    [0, 1, 2, 3, 4],
  )
})

update('keeps values that are not finite', () => {
  const metrics = new MetricsCollector()
  for (const loss of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) metrics.update({ loss })
  assertSame([...metrics.getMetric('loss').values], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
})

update('keeps how far right pairs stand out', () => {
  const metrics = new MetricsCollector()
  metrics.updateAlignmentMetrics({ step: 1000, diagMean: 0.8, simMean: 0.5, alignmentGap: 0.3, alignmentSnr: 2.5 })
  metrics.updateAlignmentMetrics({ diagMean: 0.9, simMean: 0.5, alignmentGap: 0.4, alignmentSnr: 3 })
  assert.equal(metrics.names, ['diagMean', 'simMean', 'alignmentGap', 'alignmentSnr'])
  assertSame(metrics.getMetric('alignmentSnr'), {
    steps: Float64Array.of(1000, 1001),
    values: Float64Array.of(2.5, 3),
  })
})

update.run()
