import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { diagnose } from '../../src/diagnostics/diagnose.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import type { Observation } from '../../src/metrics/observation.ts'
import { Random } from '../../src/random/random.ts'

const diagnosing = suite('MetricsCollector: diagnoseTrainingIssues')

/** A training that goes as it should: the loss falls, noisily. */
function healthy(steps: number): MetricsCollector {
  const metrics = new MetricsCollector()
  const random = new Random(1, 'dropout', 0)
  for (let step = 1; step <= steps; step++) {
    const loss = 4 * Math.exp(-step / (steps / 3)) + 0.5 + 0.05 * random.normal()
    metrics.update({ loss, learningRate: 1e-3 }, { prefix: 'train', step })
    if (step % 100 === 0) metrics.update({ loss: loss + 0.1 }, { prefix: 'val', step })
  }
  return metrics
}

const codes = (metrics: MetricsCollector) => metrics.diagnoseTrainingIssues().map(({ code }) => code)

diagnosing('finds nothing in a training that goes well, nor where there is none', () => {
  assert.equal(codes(healthy(600)), [])
  assert.equal(codes(new MetricsCollector()), [])
})

diagnosing('finds a loss that explodes, with its evidence and what to do about it', () => {
  const metrics = healthy(600)
  for (let step = 601; step <= 700; step++) {
    metrics.update({ loss: 0.5 * 1.05 ** (step - 600), learningRate: 1e-3 }, { prefix: 'train', step })
  }
  const found = metrics.diagnoseTrainingIssues().find(({ code }) => code === 'exploding-loss')
  assert.ok(found !== undefined && found.step > 600)
  assert.ok(Object.values(found.evidence).every(Number.isFinite))
  assert.match(found.advice, /^[A-Z].{20,}\.$/s)
})

diagnosing('finds a loss that is not finite', () => {
  const metrics = healthy(50)
  metrics.update({ loss: Number.NaN, gradientNorm: Number.NaN, skipped: 1 }, { prefix: 'train' })
  assert.ok(codes(metrics).includes('non-finite'))
})

diagnosing('sees steps and evaluations in the order in which they were, as a run would', () => {
  const metrics = new MetricsCollector()
  const given: Observation[] = []
  const told = (split: string, step: number, values: Record<string, number>) => {
    metrics.update(values, { prefix: split, step })
    given.push({ split, step, values })
  }
  for (let step = 1; step <= 9; step++) {
    told('train', step, step % 2 === 0 ? { loss: step } : { loss: step, accuracy: 1 })
    if (step % 3 === 0) told('val', step, { loss: step })
  }
  class Peeping extends MetricsCollector {
    seen() {
      return [...this.home.observations()]
    }
  }
  assert.equal(new Peeping().fromJSON(metrics.toJSON()).seen(), given)
  assert.equal(metrics.diagnoseTrainingIssues(), diagnose(given))
})

diagnosing.run()
