import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Keepable, KeptMessages } from '../../src/inspect/kept-messages.ts'

const test = suite('inspect: messages that are kept')

const kinds = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'] as const

/** Any messages, of any actors, in any order, far more than are kept. */
const arbitraryMessages = fc
  .array(
    fc.record({ kind: fc.constantFrom(...kinds), sessionId: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.nat(50) }),
    {
      maxLength: 80,
    },
  )
  .map(messages => messages.map((message, index): Keepable => ({ ...message, number: index + 1 })))

const arbitraryLimits = fc.record({ messages: fc.integer({ min: 1, max: 10 }), size: fc.integer({ min: 1, max: 300 }) })

/** The last of a kind that was told of each actor, up to a number. */
function lastOf(messages: readonly Keepable[], kind: Keepable['kind'], until = Number.POSITIVE_INFINITY) {
  return new Map(
    messages
      .filter(message => message.kind === kind && message.number <= until)
      .map(({ sessionId, number }) => [sessionId, number]),
  )
}

function kept(messages: readonly Keepable[], limits?: ConstructorParameters<typeof KeptMessages>[0]) {
  const all = new KeptMessages<Keepable>(limits)
  for (const message of messages) all.add(message)
  return all
}

test('who comes late is told of every actor and of its latest snapshot, and the newest messages, in order', () => {
  fc.assert(
    fc.property(arbitraryMessages, arbitraryLimits, (messages, limits) => {
      const all = kept(messages, limits)
      const told = all.since(0)
      assert.equal(lastOf(told, '@xstate.actor'), lastOf(messages, '@xstate.actor'))
      assert.equal(lastOf(told, '@xstate.snapshot'), lastOf(messages, '@xstate.snapshot'))
      const numbers = told.map(({ number }) => number)
      assert.equal(
        numbers,
        [...new Set(numbers)].sort((one, other) => one - other),
      )
      const others = messages.filter(({ kind }) => kind !== '@xstate.actor')
      assert.equal(all.newest, others.slice(others.length - all.length))
      assert.ok(all.length <= limits.messages)
    }),
  )
})

test('at every kept moment the snapshot of each actor is the one that it had then', () => {
  fc.assert(
    fc.property(arbitraryMessages, arbitraryLimits, (messages, limits) => {
      const all = kept(messages, limits)
      for (const { number } of all.newest) {
        assert.equal(
          lastOf([...all.earlier.values(), ...all.newest], '@xstate.snapshot', number),
          lastOf(messages, '@xstate.snapshot', number),
        )
      }
    }),
  )
})

test('who is told in stretches by one that keeps as little has the same as who was told at once', () => {
  fc.assert(
    fc.property(arbitraryMessages, arbitraryLimits, fc.integer({ min: 1, max: 30 }), (messages, limits, stretch) => {
      const first = new KeptMessages<Keepable>(limits)
      const second = new KeptMessages<Keepable>(limits)
      for (const [index, message] of messages.entries()) {
        first.add(message)
        if (index % stretch === 0) for (const told of first.since(second.last)) second.add(told)
      }
      for (const told of first.drain()) if (told.number > second.last) second.add(told)
      assert.equal(first.since(0), [])
      for (const kind of ['@xstate.actor', '@xstate.snapshot'] as const) {
        assert.equal(lastOf(second.since(0), kind), lastOf(messages, kind))
      }
    }),
  )
})

test.run()
