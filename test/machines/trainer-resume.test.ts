import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { drive } from '../support/drive.ts'
import { stepCompleted } from '../support/facts.ts'
import {
  checkpointCaptured,
  checkpointSaved,
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  runCreated,
  runFailed,
  runPaused,
  runResumed,
  runStarted,
  sampleSkipped,
  shortPlan,
  stepSkipped,
} from '../support/training-facts.ts'

const test = suite('resuming in the trainer machine')

const begun = [
  runCreated(),
  runStarted({ ...shortPlan, earlyStopping: { patience: 5, minimumChange: 0, divergence: null } }),
]
const firstEpoch: TrainingFact[] = [
  epochStarted(1, 0),
  stepSkipped(1),
  stepCompleted(2),
  epochCompleted(1, 2),
  evaluationStarted(2),
  evaluationCompleted(2, { loss: 3 }),
]
const saved = [checkpointCaptured('step-2', 2, 'best'), checkpointSaved('step-2', 2, 3)]
const later = [epochStarted(2, 2), stepCompleted(3, { epoch: 2 })]

test('progress is again what it was when the checkpoint was captured', () => {
  const before = drive(trainerMachine, [...begun, ...firstEpoch, checkpointCaptured('step-2', 2, 'best')])
  const gone = drive(trainerMachine, [...begun, ...firstEpoch, ...saved, ...later, stepCompleted(4, { epoch: 2 })])
  assert.not.equal(gone.context.progress, before.context.progress)
  const resumed = drive(trainerMachine, [runResumed(2, 'step-2', 2)], gone)
  assert.equal(resumed.context.progress, before.context.progress)
  assert.equal(resumed.context.progress, {
    step: 2,
    epoch: 1,
    epochsCompleted: 1,
    examples: 256,
    stepsSkipped: 1,
    stepsSkippedInARow: 0,
    diverged: false,
    evaluatedAt: 2,
    capturedAt: 2,
    best: { value: 3, step: 2 },
    evaluationsWithoutImprovement: 0,
  })
  assert.is(resumed.context.attempt, 2)
})

test('without a checkpoint it begins again', () => {
  const gone = drive(trainerMachine, [...begun, ...firstEpoch])
  const resumed = drive(trainerMachine, [runResumed(2, null, 0)], gone)
  const fresh = drive(trainerMachine, begun)
  assert.equal(resumed.context.progress, fresh.context.progress)
  assert.ok(resumed.can(epochStarted(1, 0)))
})

test('a checkpoint that was captured and not saved is forgotten', () => {
  const torn = [...later, checkpointCaptured('step-3', 3, 'manual'), stepCompleted(4, { epoch: 2 })]
  const killed = drive(trainerMachine, [...begun, ...firstEpoch, ...saved, ...torn])
  assert.is(killed.value, 'training')
  assert.not(killed.can(runResumed(2, 'step-3', 3)))
  const resumed = drive(trainerMachine, [runResumed(2, 'step-2', 2)], killed)
  assert.equal(Object.keys(resumed.context.checkpoints), ['step-2'])
  assert.not(resumed.can(checkpointSaved('step-3', 3)))
})

test('a saved checkpoint beyond the one resumed from was damaged, and is forgotten', () => {
  const both = [...later, checkpointCaptured('step-3', 3, 'manual'), checkpointSaved('step-3', 3)]
  const killed = drive(trainerMachine, [...begun, ...firstEpoch, ...saved, ...both])
  const resumed = drive(trainerMachine, [runResumed(2, 'step-2', 2)], killed)
  assert.equal(Object.keys(resumed.context.checkpoints), ['step-2'])
})

test('a pause ends with the process', () => {
  const paused = drive(trainerMachine, [...begun, ...firstEpoch, ...saved, runPaused(2)])
  const resumed = drive(trainerMachine, [runResumed(2, 'step-2', 2)], paused)
  assert.is(resumed.value, 'training')
  assert.is(resumed.context.paused, false)
})

test('a failure is forgotten once the run goes on', () => {
  const failed = drive(trainerMachine, [...begun, ...firstEpoch, ...saved, runFailed(2)])
  assert.is(failed.context.failure, 'it broke')
  assert.is(drive(trainerMachine, [runResumed(2, 'step-2', 2)], failed).context.failure, null)
})

test('a resumed run may have a longer plan', () => {
  const longer = { ...shortPlan, epochs: 3, totalSteps: 6 }
  const gone = drive(trainerMachine, [...begun, ...firstEpoch, ...saved])
  assert.equal(drive(trainerMachine, [runResumed(2, 'step-2', 2, longer)], gone).context.plan, longer)
})

test('a run that failed while its data was made ready is started, not resumed', () => {
  const failed = drive(trainerMachine, [runCreated(), sampleSkipped('one'), runFailed(0)])
  assert.is(failed.value, 'failed')
  assert.not(failed.can(runResumed(1, null, 0)))
  const again = drive(trainerMachine, [sampleSkipped('two'), runFailed(0), runStarted()], failed)
  assert.is(again.value, 'training')
  assert.is(again.context.samplesSkipped, 2)
  assert.is(again.context.failure, null)
})

test.run()
