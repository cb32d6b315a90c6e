import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActor, type SnapshotFrom } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import { type SubscriberEvent, subscriberMachine } from '../../machines/subscriber.ts'
import { drive } from '../support/drive.ts'

const test = suite('the subscriber machine')

const input = { name: 'test', cursor: 7, maximumAttempts: 2 }
const committed: SubscriberEvent = { type: 'batch.committed', cursor: 9, events: 2 }
const failed: SubscriberEvent = { type: 'batch.failed', position: 12, error: 'it broke' }
const events: readonly SubscriberEvent[] = [
  committed,
  failed,
  { type: 'caught-up' },
  { type: 'fell-behind' },
  { type: 'retry' },
  { type: 'rewound' },
  { type: 'stop' },
]

function beginning(): SnapshotFrom<typeof subscriberMachine> {
  return createActor(subscriberMachine, { input }).getSnapshot()
}

function after(...sent: readonly SubscriberEvent[]): SnapshotFrom<typeof subscriberMachine> {
  return drive(subscriberMachine, sent, beginning())
}

test('every state is reached, and none but "stopped" is an end', () => {
  const paths = getShortestPaths(subscriberMachine, {
    input,
    // An actor that is done takes no more events; a bare transition would.
    events: (state: SnapshotFrom<typeof subscriberMachine>) => (state.status === 'done' ? [] : events),
    serializeState: (state: SnapshotFrom<typeof subscriberMachine>) => {
      const { attempts, failure, cursor } = state.context
      return JSON.stringify([state.value, attempts, failure, cursor])
    },
    limit: 1_000,
  } as never)
  const reached = new Set(paths.map(({ state }) => state.value))
  assert.equal([...reached].sort(), Object.keys(subscriberMachine.states).sort())
  for (const { state } of paths) assert.is(state.status === 'done', state.value === 'stopped', String(state.value))
})

test('it catches up, is live, and falls behind', () => {
  assert.is(beginning().value, 'catching-up')
  assert.is(after(committed, { type: 'caught-up' }).value, 'live')
  assert.is(after(committed, { type: 'caught-up' }, { type: 'fell-behind' }).value, 'catching-up')
})

test('a batch moves the cursor, counts its events and forgives what failed before', () => {
  const { context } = after(failed, { type: 'retry' }, committed)
  assert.equal(context, { ...input, cursor: 9, handled: 2, attempts: 0, failure: null })
})

test('it is tried again as often as it may fail, and then parked with the event that broke it', () => {
  const once = after(failed)
  assert.is(once.value, 'retrying')
  const parked = drive(subscriberMachine, [{ type: 'retry' }, failed], once)
  assert.is(parked.value, 'parked')
  assert.equal(parked.context.failure, { position: 12, error: 'it broke' })
  assert.is(parked.context.cursor, 7)
})

test('a parked one that is told to retry has all its attempts again', () => {
  const again = after(failed, { type: 'retry' }, failed, { type: 'retry' })
  assert.is(again.value, 'catching-up')
  assert.is(drive(subscriberMachine, [failed], again).value, 'retrying')
})

test('rewound, it begins at the first event, wherever it was', () => {
  for (const sent of [[committed, { type: 'caught-up' }], [failed], [failed, { type: 'retry' }, failed]] as const) {
    const { value, context } = after(...sent, { type: 'rewound' })
    assert.is(value, 'catching-up')
    assert.is(context.cursor, 0)
    assert.is(context.failure, null)
    assert.is(context.attempts, 0)
  }
})

test('it can be stopped in every state, and keeps its cursor', () => {
  for (const sent of [[], [committed, { type: 'caught-up' }], [failed], [failed, { type: 'retry' }, failed]] as const) {
    const before = after(...sent)
    const stopped = drive(subscriberMachine, [{ type: 'stop' }], before)
    assert.is(stopped.value, 'stopped')
    assert.is(stopped.context.cursor, before.context.cursor)
  }
})

test.run()
