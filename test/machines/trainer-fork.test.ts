import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { drive } from '../support/drive.ts'
import { stepCompleted } from '../support/facts.ts'
import { epochStarted, forkedFrom, runCreated, runFailed, runResumed, runStarted } from '../support/training-facts.ts'

const test = suite('a fork in the trainer machine')

const parent = forkedFrom('long', 3)
const created = runCreated('fork')
if (created.type === 'run.created') Object.assign(created.data, { parent })
const begun = [created, runStarted()]

test('has come as far as its parent had, and goes on with the step after', () => {
  const fork = drive(trainerMachine, begun)
  assert.equal(fork.context.parent, { run: 'long', step: 3 })
  assert.equal(fork.context.progress, parent.progress)
  assert.not(fork.can(epochStarted(1, 0)))
  assert.not(fork.can(stepCompleted(3, { epoch: 2 })))
  assert.ok(fork.can(stepCompleted(4, { epoch: 2 })))
})

test('has the checkpoint that it began from, and no beginning before it', () => {
  const failed = drive(trainerMachine, [...begun, stepCompleted(4, { epoch: 2 }), runFailed(4)])
  const reasons = Object.entries(failed.context.checkpoints).map(([name, { reason }]) => [name, reason])
  assert.equal(reasons, [[parent.checkpoint, 'inherited']])
  assert.not(failed.can(runResumed(2, null, 0)))
  const resumed = drive(trainerMachine, [runResumed(2, parent.checkpoint, 3)], failed)
  assert.equal(resumed.context.progress, parent.progress)
  assert.is(resumed.value, 'training')
})

test.run()
