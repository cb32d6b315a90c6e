import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import type { Chart, ChartLine } from '../../src/reports/chart.ts'

const charts = suite('MetricsCollector: plots')

function measured(): MetricsCollector {
  const metrics = new MetricsCollector()
  for (let step = 1; step <= 20; step++) {
    const figures = { examples: 64, durationMs: 50, dataWaitMs: 5 }
    const learning = { learningRate: 1e-3, logitScale: 14, gradientNorm: 2 }
    metrics.update({ loss: 1 / step, ...learning, ...figures }, { prefix: 'train', step })
    if (step % 10 !== 0) continue
    metrics.completeEpoch(step / 10, step)
    const direction = (name: string) => ({
      [`${name}RecallAt1`]: 0.5,
      [`${name}RecallAt5`]: 0.7,
      [`${name}MedianRank`]: 3,
    })
    metrics.update(
      { loss: 2 / step, ...direction('textToImage'), ...direction('imageToText') },
      { prefix: 'val', step },
    )
    metrics.updateAlignmentMetrics({ step, diagMean: 0.8, simMean: 0.5, alignmentGap: 0.3, alignmentSnr: 2.5 })
    metrics.update({ 'image.stem.kernel': 3, 'image.stem.bias': 4, 'text.table': 1 }, { prefix: 'gradients', step })
  }
  return metrics
}

const named = (metrics: MetricsCollector, name: string): Chart => {
  const chart = metrics.plots().find(each => each.name === name)
  assert.ok(chart, `there is no chart ${name}`)
  return chart as Chart
}
const labels = ({ lines }: Chart) => lines.map(({ label }) => label)
const byLabel = ({ lines }: Chart, label: string) => lines.find(line => line.label === label) as ChartLine

charts('are one for every type of metric, the most telling ones first', () => {
  assert.equal(
    measured()
      .plots()
      .map(({ name }) => name),
    [
      ...['loss', 'recall', 'rank', 'learning-rate', 'logit-scale', 'gradient-norm', 'gradients', 'alignment'],
      ...['throughput', 'data-wait', 'alignment-snr'],
    ],
  )
  assert.equal(new MetricsCollector().plots(), [])
})

charts('show training and validation together', () => {
  const loss = named(measured(), 'loss')
  assert.equal(labels(loss), ['train', 'val'])
  assert.is(byLabel(loss, 'train').values.length, 20)
  assert.equal([...Array.from(byLabel(loss, 'val').steps)], [10, 20])
})

charts('give both directions of a recall one colour, and tell them apart by the stroke', () => {
  const recall = named(measured(), 'recall')
  assert.equal(labels(recall), [
    ...['text → image recall@1', 'text → image recall@5', 'image → text recall@1', 'image → text recall@5'],
  ])
  assert.equal(
    recall.lines.map(({ colour, stroke }) => [colour, stroke]),
    [
      [0, 'solid'],
      [1, 'solid'],
      [0, 'dashed'],
      [1, 'dashed'],
    ],
  )
})

charts('make throughput and the share of waiting from the figures of a step, which have none themselves', () => {
  const metrics = measured()
  assert.is(named(metrics, 'throughput').lines[0]?.values[3], 1280)
  assert.is(named(metrics, 'data-wait').lines[0]?.values[3], 0.1)
})

charts('take the layers of a part together, so that its norm is that of all its gradients', () => {
  const metrics = measured()
  for (const layer of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    metrics.update({ [`text.${layer}.kernel`]: 1 }, { prefix: 'gradients', step: 20 })
  }
  const gradients = named(metrics, 'gradients')
  assert.equal(labels(gradients), ['image', 'text'])
  assert.equal(byLabel(gradients, 'image').values, [5, 5])
  assert.equal(byLabel(gradients, 'text').values, [1, Math.sqrt(8)])
})

charts('show where the training was resumed, how long its epochs are and how far it came', () => {
  const metrics = measured()
  metrics.resumeAt(15)
  for (const chart of metrics.plots()) {
    assert.equal(chart.marks, [{ step: 15, label: 'resumed (attempt 2)' }], chart.name)
    assert.is(chart.stepsPerEpoch, 10)
    assert.equal(chart.span, [1, 15])
  }
})

charts('show the learning rate that is planned faintly beside the one that was used', () => {
  const metrics = measured()
  metrics.plannedLearningRate = Float64Array.from({ length: 100 }, (_, index) => 1e-3 * (1 - index / 100))
  const { lines } = named(metrics, 'learning-rate')
  assert.equal(
    lines.map(({ label, faint = false, values }) => [label, faint, values.length]),
    [
      ['train', false, 20],
      ['planned', true, 100],
    ],
  )
  assert.equal([lines[1]?.steps[0], lines[1]?.steps[99]], [1, 100])
})

charts('give a metric that is not known a picture of its own, named by its words', () => {
  const metrics = new MetricsCollector()
  metrics.update({ '../etc/myOwnScore': 1, '€': 2 }, { prefix: 'train' })
  metrics.update({ '../etc/myOwnScore': 1 }, { prefix: 'val' })
  assert.equal(
    metrics.plots().map(({ name, title, lines }) => [name, title, lines.length]),
    [
      ['etc-my-own-score', 'Etc my own score', 2],
      ['metric', '€', 1],
    ],
  )
})

charts('keep ranks of answers and ranks of features apart', () => {
  const metrics = new MetricsCollector()
  metrics.update({ imageToTextMeanRank: 3, imageEffectiveRank: 80 }, { prefix: 'val' })
  assert.equal(
    metrics.plots().map(({ name }) => name),
    ['rank', 'effective-rank'],
  )
})

charts.run()
