import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MetricOutput } from '../../src/metrics/metric-line.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'

const log = suite('MetricsCollector: console')

class Paper implements MetricOutput {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY = false) {
    this.isTTY = isTTY
  }

  write(text: string): boolean {
    this.text += text
    return true
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
}

log('prints a line with the prefix, the step and every metric, nested ones too', () => {
  const output = new Paper()
  const metrics = new MetricsCollector(undefined, { output })
  metrics.logMetrics({ loss: 0.3, recalls: { top1: 0.8 } }, { prefix: 'test', step: 40 })
  assert.match(output.text, /^test +step +40 +loss +0\.3000 +recalls_top1 +0\.8000\n$/)
})

log('keeps nothing of what it prints', () => {
  const metrics = new MetricsCollector(undefined, { output: new Paper() })
  metrics.logMetrics({ loss: 0.3 })
  assert.equal(metrics.names, [])
})

log('sets the same metrics below one another, however large they are and whatever the prefix', () => {
  const output = new Paper()
  const metrics = new MetricsCollector(undefined, { output })
  for (const [prefix, loss] of [
    ['train', 5.25],
    ['val', -12_345.678_9],
    ['validation', 1e-9],
    ['test', Number.NaN],
    ['train', 1_000_000],
  ] as const) {
    metrics.logMetrics({ loss, accuracy: 0.5 }, { prefix, step: 123_456 })
  }
  const places = output.lines.map(line => [line.indexOf('loss'), line.indexOf('accuracy'), line.length])
  assert.is(places.length, 5)
  for (const place of places) assert.equal(place, places[0])
})

log('has colours on a terminal and nowhere else', () => {
  const [terminal, file] = [new Paper(true), new Paper()]
  for (const output of [terminal, file]) {
    new MetricsCollector(undefined, { output }).logMetrics({ loss: 0.3, other: Number.NaN }, { prefix: 'train' })
  }
  assert.ok(terminal.text.includes('\u001b['))
  assert.not.ok(file.text.includes('\u001b'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the escapes of the colours.
  assert.is(terminal.text.replaceAll(/\u001b\[\d+m/g, ''), file.text)
})

log.run()
