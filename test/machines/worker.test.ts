import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getShortestPaths } from 'xstate/graph'
import { type WorkerEvent, workerMachine } from '../../machines/worker.ts'
import { drive } from '../support/drive.ts'

const test = suite('the worker machine')

const work: WorkerEvent = { type: 'work', task: 'train' }
const broke: WorkerEvent = { type: 'broke', error: 'it broke' }

test('every state is reached', () => {
  const events: readonly WorkerEvent[] = [work, { type: 'finished' }, broke, { type: 'stop' }]
  const paths = getShortestPaths(workerMachine, {
    events: events as never,
    serializeState: ({ value }) => String(value) as never,
  })
  assert.equal(new Set(paths.map(({ state }) => state.value)), new Set(['idle', 'working', 'stopped']))
})

test('it shows what it is at, and how often it has finished', () => {
  const working = drive(workerMachine, [work, { type: 'finished' }, work])
  assert.is(working.value, 'working')
  assert.equal(working.context, { task: 'train', finished: 1, error: null })
})

test('it does one thing at a time', () => {
  assert.not(drive(workerMachine, [work]).can(work))
  assert.not(drive(workerMachine, []).can({ type: 'finished' }))
})

test('what broke it is shown until it works again', () => {
  const broken = drive(workerMachine, [work, broke])
  assert.is(broken.value, 'idle')
  assert.is(broken.context.error, 'it broke')
  assert.is(drive(workerMachine, [work], broken).context.error, null)
})

test('it can be stopped at work and at rest', () => {
  assert.is(drive(workerMachine, [{ type: 'stop' }]).value, 'stopped')
  assert.is(drive(workerMachine, [work, { type: 'stop' }]).status, 'done')
})

test.run()
