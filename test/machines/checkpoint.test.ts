import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getShortestPaths } from 'xstate/graph'
import { checkpointMachine } from '../../machines/checkpoint.ts'
import { drive } from '../support/drive.ts'
import { checkpointCaptured, checkpointFailed, checkpointSaved } from '../support/training-facts.ts'

const test = suite('the checkpoint machine')

const copied = { type: 'values.copied' } as const
const events = [checkpointCaptured('one', 4), copied, checkpointSaved('one', 4), checkpointFailed('one', 4)]

test('every state is reached', () => {
  const paths = getShortestPaths(checkpointMachine, { events: events as never })
  const reached = new Set(paths.map(({ state }) => state.value))
  assert.equal([...reached].sort(), Object.keys(checkpointMachine.states).sort())
})

test('a checkpoint is captured, copied, written and saved', () => {
  const { value, status, context } = drive(checkpointMachine, [
    checkpointCaptured('one', 4),
    copied,
    checkpointSaved('one', 4),
  ])
  assert.is(value, 'saved')
  assert.is(status, 'done')
  assert.equal(context, { checkpoint: 'one', bytes: 8, sha256: 'ab', error: null })
})

test('it fails while it is copied and while it is written', () => {
  for (const progress of [[], [copied]]) {
    const failed = drive(checkpointMachine, [checkpointCaptured('one', 4), ...progress, checkpointFailed('one', 4)])
    assert.is(failed.value, 'failed')
    assert.is(failed.context.error, 'no room')
  }
})

test('the facts of another checkpoint are not its own', () => {
  const copying = drive(checkpointMachine, [checkpointCaptured('one', 4)])
  for (const state of [copying, drive(checkpointMachine, [copied], copying)]) {
    assert.not(state.can(checkpointSaved('other', 4) as never))
    assert.not(state.can(checkpointFailed('other', 4) as never))
  }
})

test('nothing is saved before it is captured', () => {
  const capturing = drive(checkpointMachine, [])
  assert.not(capturing.can(checkpointSaved('one', 4) as never))
  assert.not(capturing.can(copied))
})

test.run()
