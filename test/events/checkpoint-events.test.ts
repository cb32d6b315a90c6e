import { suite } from 'uvu'
import { checkpointSaved } from '../../src/events/checkpoint-events.ts'
import { EventRegistry } from '../../src/events/event-registry.ts'
import { assertSame } from '../support/same.ts'

const checkpoints = suite('checkpoint events')

checkpoints('read a saved checkpoint of version 1, for which training stood still all the time', () => {
  const place = { checkpoint: 'step-4', step: 4, uri: 'a/checkpoints/step-4.safetensors', sha256: 'ab', bytes: 8 }
  const old = { ...place, metric: { name: 'loss', value: 'NaN' }, durationMs: 12.5 }
  const registry = new EventRegistry([checkpointSaved])
  const event = { stream: 'run/a', version: 9, type: 'checkpoint.saved', schema: 1, data: JSON.stringify(old) }
  const metric = { name: 'loss', value: Number.NaN }
  assertSame(registry.decode(event), { ...old, metric, standstillMs: 12.5 })
})

checkpoints.run()
