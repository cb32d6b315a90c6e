import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EventRegistry } from '../../src/events/event-registry.ts'
import { isTrainingEvent, trainingEvents } from '../../src/events/training-events.ts'
import { arbitraryData } from '../support/arbitrary-data.ts'
import { assertSame } from '../support/same.ts'

const training = suite('trainingEvents')
const registry = new EventRegistry(trainingEvents)

for (const { type, schema, description } of trainingEvents) {
  training(`takes any ${type} to the disk and back, bit for bit`, () => {
    fc.assert(
      fc.property(arbitraryData(schema), data => {
        const encoded = registry.encode({ type, data })
        assertSame(registry.decode({ ...encoded, stream: 'run/a', version: 1, type }), data)
      }),
    )
  })

  training(`describes ${type} by a fact in a sentence`, () => {
    assert.match(type, /^[a-z]+\.[a-z-]+$/)
    assert.match(description, /^[A-Z].*\.$/)
  })
}

training('tells the events of a run from those of an application', () => {
  const event = { position: 1, stream: 'a', version: 1, id: '1', at: 0, data: {}, meta: {}, hash: '' }
  assert.ok(isTrainingEvent({ ...event, type: 'run.paused' }))
  assert.not(isTrainingEvent({ ...event, type: 'lamp.lit' }))
})
training.run()
