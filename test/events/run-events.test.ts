import { suite } from 'uvu'
import { EventRegistry } from '../../src/events/event-registry.ts'
import { runCreated } from '../../src/events/run-events.ts'
import { assertSame } from '../support/same.ts'
import { runCreated as created } from '../support/training-facts.ts'

const test = suite('run events')

test('read a run of version 1, before which there were no forks', () => {
  const { data } = created()
  const registry = new EventRegistry([runCreated])
  const place = { stream: 'run/short', version: 1, type: 'run.created' }
  const { parent: _, ...old } = data as { parent: unknown }
  assertSame(registry.decode({ ...place, schema: 1, data: JSON.stringify(old) }), data)
})

test.run()
