import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { defineEvent } from '../../src/events/define-event.ts'
import {
  InvalidEventError,
  NewerEventError,
  UnknownEventTypeError,
  UnreadableEventError,
} from '../../src/events/event-errors.ts'
import { EventRegistry } from '../../src/events/event-registry.ts'
import { real } from '../../src/events/real.ts'
import { thrownBy } from '../support/thrown.ts'

const lampLit = defineEvent({
  type: 'lamp.lit',
  description: 'A lamp was lit.',
  schema: z.strictObject({
    lamp: z.string(),
    light: z.strictObject({ watts: real, colours: z.array(z.enum(['red', 'white'])) }),
  }),
})

const registry = new EventRegistry([lampLit])
const data = { lamp: 'desk', light: { watts: 40, colours: ['white'] } }
const place = { stream: 'house/1', version: 4, type: 'lamp.lit' }

const writing = suite('EventRegistry.encode')

const refused: [path: string, data: unknown][] = [
  ['data', null],
  ['data', 'desk'],
  ['data.lamp', { light: data.light }],
  ['data.lamp', { ...data, lamp: 3 }],
  ['data.light', { lamp: 'desk', light: [] }],
  ['data.light.watts', { lamp: 'desk', light: { watts: 'NaN', colours: [] } }],
  ['data.light.colours.1', { lamp: 'desk', light: { watts: 40, colours: ['red', 'blue'] } }],
  ['data.room', { ...data, room: 'hall' }],
  ['data.light.room', { lamp: 'desk', light: { ...data.light, room: 'hall' } }],
]

for (const [path, wrong] of refused) {
  writing(`names ${path} when it refuses ${JSON.stringify(wrong)}`, () => {
    const error = thrownBy(InvalidEventError, () => registry.encode({ type: 'lamp.lit', data: wrong }))
    assert.is(error.type, 'lamp.lit')
    assert.is(error.path, path)
    assert.ok(error.message.startsWith(`The event lamp.lit is refused: ${path}: `), error.message)
  })
}

writing('names every wrong field', () => {
  const wrong = { lamp: 3, light: { watts: null, colours: [] } }
  const error = thrownBy(InvalidEventError, () => registry.encode({ type: 'lamp.lit', data: wrong }))
  assert.match(error.message, 'data.lamp: ')
  assert.match(error.message, 'data.light.watts: ')
})

writing('refuses wrong meta by its path', () => {
  for (const [path, meta] of [
    ['meta.rank', { rank: -1 }],
    ['meta.attempt', { attempt: 0 }],
    ['meta.causation', { causation: 7 }],
    ['meta.host', { host: 'here' }],
  ] as const) {
    const error = thrownBy(InvalidEventError, () => registry.encode({ type: 'lamp.lit', data, meta: meta as never }))
    assert.is(error.path, path)
  }
})

writing('refuses a type that it does not know, and says how to define it', () => {
  const error = thrownBy(UnknownEventTypeError, () => registry.encode({ type: 'lamp.sold', data }))
  assert.match(error.message, '"lamp.sold"')
  assert.match(error.message, 'defineEvent')
})

writing('gives the texts to store, the schema version and the durability', () => {
  const durable = new EventRegistry([{ ...lampLit, durable: true }])
  const meta = { rank: 1, attempt: 2, causation: 'abc' }
  assert.equal(durable.encode({ type: 'lamp.lit', data, meta }), {
    schema: 1,
    data: JSON.stringify(data),
    meta: JSON.stringify(meta),
    durable: true,
  })
  const plain = registry.encode({ type: 'lamp.lit', data })
  assert.is(plain.meta, '{}')
  assert.is(plain.durable, false)
})

writing('refuses two definitions of one type', () => {
  assert.throws(() => new EventRegistry([lampLit, lampLit]), /lamp\.lit is defined twice/)
})
writing.run()

const reading = suite('EventRegistry.decode')

/** Version 1 said how bright a lamp was by a word, version 2 in watts, version 3 gave the light a place of its own. */
const lampLit3 = defineEvent({
  ...lampLit,
  version: 3,
  upcasters: {
    1: old => {
      const { lamp, brightness } = old as { lamp: string; brightness: 'dim' | 'bright' }
      return { lamp, watts: { dim: 10, bright: 100 }[brightness] }
    },
    2: old => {
      const { lamp, watts } = old as { lamp: string; watts: number }
      return { lamp, light: { watts, colours: ['white'] } }
    },
  },
})
const newer = new EventRegistry([lampLit3])

reading('lifts data of every older version to the current one', () => {
  const bright = { lamp: 'desk', light: { watts: 100, colours: ['white'] } }
  for (const [schema, stored] of [
    [1, { lamp: 'desk', brightness: 'bright' }],
    [2, { lamp: 'desk', watts: 100 }],
    [3, bright],
  ] as const) {
    assert.equal(newer.decode({ ...place, schema, data: JSON.stringify(stored) }), bright)
  }
})

reading('names the event when what it lifted does not fit', () => {
  const error = thrownBy(UnreadableEventError, () =>
    newer.decode({ ...place, schema: 1, data: '{"lamp":"desk","brightness":"blinding"}' }),
  )
  assert.equal(error.place, { ...place, schema: 1, data: '{"lamp":"desk","brightness":"blinding"}' })
  assert.match(error.message, 'The event lamp.lit at version 4 of house/1')
  assert.match(error.message, 'data.light.watts')
})

reading('names the event and the version when an upcaster throws', () => {
  const error = thrownBy(UnreadableEventError, () => newer.decode({ ...place, schema: 1, data: 'null' }))
  assert.match(error.message, 'schema version 1')
  assert.instance(error.cause, TypeError)
})

reading('refuses a schema version that never was', () => {
  for (const schema of [0, -1]) {
    const error = thrownBy(UnreadableEventError, () => newer.decode({ ...place, schema, data: '{}' }))
    assert.match(error.message, `schema version ${schema}`)
  }
})

reading('refuses a schema version of the future, with both versions', () => {
  const error = thrownBy(NewerEventError, () =>
    newer.decode({ ...place, schema: 4, data: JSON.stringify({ lamp: 'desk' }) }),
  )
  assert.match(error.message, 'schema version 4')
  assert.match(error.message, 'up to 3')
})

reading('refuses what is not JSON', () => {
  for (const type of ['lamp.lit', 'lamp.sold']) {
    thrownBy(UnreadableEventError, () => registry.decode({ ...place, type, schema: 1, data: '{"lamp":' }))
  }
})

reading('gives data of an unknown type as it was stored', () => {
  const sold = { ...place, type: 'lamp.sold', schema: 9, data: '{"price":"NaN"}' }
  assert.equal(registry.decode(sold), { price: 'NaN' })
})
reading.run()

const defining = suite('defineEvent')

defining('wants an upcaster for every older version', () => {
  assert.throws(
    () => defineEvent({ ...lampLit, version: 3, upcasters: { 1: old => old } }),
    /no upcaster from version 2/,
  )
})

defining('starts at version 1, and does not wait for the disk unless asked', () => {
  assert.is(lampLit.version, 1)
  assert.is(lampLit.durable, false)
})
defining.run()
