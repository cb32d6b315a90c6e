import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MetricError } from '../../src/metrics/metric-error.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

const saving = suite('MetricsCollector: toJSON and fromJSON')

function example(): MetricsCollector {
  const metrics = new MetricsCollector()
  metrics.update({ loss: 2 }, { prefix: 'train', step: 1 })
  metrics.update({ loss: Number.NaN }, { prefix: 'train', step: 2 })
  metrics.update({ loss: Number.POSITIVE_INFINITY }, { prefix: 'train', step: 3 })
  metrics.completeEpoch(1, 2)
  metrics.resumeAt(3)
  metrics.update({ loss: Number.NEGATIVE_INFINITY, recalls: { top1: -0 } }, { prefix: 'val', step: 4 })
  return metrics
}

saving('brings everything back through JSON text: points, summaries, marks and the count of steps', () => {
  const before = example()
  const after = new MetricsCollector().fromJSON(JSON.parse(JSON.stringify(before)))
  assertSame(after.toJSON(), before.toJSON())
  assertSame(after.getSummary(), before.getSummary())
  assertSame(after.marks, before.marks)
  for (const metrics of [before, after]) metrics.update({ loss: 1 }, { prefix: 'val' })
  assertSame(after.getMetric('val_loss'), before.getMetric('val_loss'))
  assert.is(after.getMetric('val_loss').steps.at(-1), 5)
})

saving('brings every double back to the last bit', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.double()), { minLength: 1 }), points => {
      const metrics = new MetricsCollector()
      for (const [step, value] of points) metrics.update({ value }, { step })
      const back = new MetricsCollector().fromJSON(JSON.parse(JSON.stringify(metrics)))
      assertSame(back.getMetric('value'), metrics.getMetric('value'))
    }),
  )
})

saving('takes the place of what was held', () => {
  const metrics = new MetricsCollector()
  metrics.update({ old: 1 })
  assert.equal(metrics.fromJSON(example().toJSON()).names, ['train_loss', 'val_loss', 'val_recalls_top1'])
})

const good = { split: 'train', metric: 'loss', steps: [1, 2], values: [1, 'NaN'] }

const hostile: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  'a text': '{}',
  'no series': { version: 1, marks: [] },
  'another version': { version: 2, series: [], marks: [] },
  'something beside': { version: 1, series: [], marks: [], more: 1 },
  'fewer values than steps': { version: 1, series: [{ ...good, values: [1] }], marks: [] },
  'a step that is none': { version: 1, series: [{ ...good, steps: [1, -2] }], marks: [] },
  'a step beyond all counting': { version: 1, series: [{ ...good, steps: [1, 1e300] }], marks: [] },
  'a value that is none': { version: 1, series: [{ ...good, values: [1, 'high'] }], marks: [] },
  'a value that is null': { version: 1, series: [{ ...good, values: [1, null] }], marks: [] },
  'a metric without a name': { version: 1, series: [{ ...good, metric: 7 }], marks: [] },
  'steps that only look like a list': { version: 1, series: [{ ...good, steps: { length: 2 } }], marks: [] },
  'a mark of another kind': { version: 1, series: [good], marks: [{ kind: 'x', step: 1, number: 1 }] },
}

for (const [what, saved] of Object.entries(hostile)) {
  saving(`refuses ${what} and changes nothing`, () => {
    const metrics = example()
    const before = metrics.toJSON()
    thrownBy(MetricError, () => metrics.fromJSON(saved))
    assertSame(metrics.toJSON(), before)
  })
}

saving('gives one short sentence however much is wrong', () => {
  const series = [{ ...good, steps: new Array(5_000).fill('x'), values: new Array(5_000).fill('y') }]
  const { message } = thrownBy(MetricError, () => new MetricsCollector().fromJSON({ version: 1, series, marks: [] }))
  assert.match(message, /series\.0\.steps\.0/)
  assert.ok(message.length < 300, message)
})

saving('refuses two series of one name', () => {
  const one = { ...good, split: 'a', metric: 'b_c' }
  const other = { ...good, split: 'a_b', metric: 'c' }
  const metrics = example()
  const before = metrics.toJSON()
  const saved = { version: 1, series: [one, other], marks: [] }
  assert.match(thrownBy(MetricError, () => metrics.fromJSON(saved)).message, /the same name/)
  assertSame(metrics.toJSON(), before)
})

saving('can be extended by a subclass with state of its own', () => {
  class Noted extends MetricsCollector {
    notes: string[] = []
    override toJSON() {
      return { ...super.toJSON(), notes: this.notes }
    }
    override fromJSON(saved: unknown): this {
      const { notes, ...rest } = saved as { notes: string[] }
      super.fromJSON(rest)
      this.notes = notes
      return this
    }
  }
  const noted = new Noted()
  noted.update({ loss: 1 })
  noted.notes.push('tea')
  const back = new Noted().fromJSON(JSON.parse(JSON.stringify(noted)))
  assert.equal([back.notes, back.getLatest('loss')], [['tea'], 1])
})

saving.run()
