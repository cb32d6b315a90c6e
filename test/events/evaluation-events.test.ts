import { suite } from 'uvu'
import { evaluationCompleted } from '../../src/events/evaluation-events.ts'
import { EventRegistry } from '../../src/events/event-registry.ts'
import { assertSame } from '../support/same.ts'

const evaluating = suite('evaluation events')

evaluating('read an evaluation of version 1, which showed no retrievals of pictures', () => {
  const old = {
    step: 4,
    epoch: 1,
    split: 'validation',
    reason: 'scheduled',
    metrics: { textToImageRecallAt1: 0.5, loss: 'NaN' },
    samples: [{ query: 'a cat', key: 'cat', nearest: [{ key: 'dog', similarity: 0.25, right: false }] }],
    examples: 2,
    durationMs: 3.5,
  }
  const registry = new EventRegistry([evaluationCompleted])
  const place = { stream: 'run/a', version: 9, type: 'evaluation.completed' }
  const read = registry.decode({ ...place, schema: 1, data: JSON.stringify(old) })
  const metrics = { textToImageRecallAt1: 0.5, loss: Number.NaN }
  assertSame(read, { ...old, metrics, pictureSamples: [] })
})

evaluating.run()
