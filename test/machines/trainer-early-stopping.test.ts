import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Plan } from '../../machines/trainer-context.ts'
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
  runCompleted,
  runCreated,
  runEarlyStopped,
  runFailed,
  runStarted,
  weightsRestored,
} from '../support/training-facts.ts'

const test = suite('early stopping')

/** One step an epoch, an evaluation after each, no checkpoints but the final one. */
function planOf(
  better: 'lower' | 'higher',
  patience: number,
  minimumChange: number,
  epochs: number,
  divergence: number | null = null,
): Plan {
  return {
    epochs,
    stepsPerEpoch: 1,
    totalSteps: epochs,
    evaluateEvery: 1,
    checkpointEvery: null,
    metric: { name: 'loss', better },
    checkpointBest: false,
    earlyStopping: { patience, minimumChange, divergence },
  }
}

function epochWith(epoch: number, loss: number): TrainingFact[] {
  return [
    epochStarted(epoch, epoch - 1),
    stepCompleted(epoch, { epoch }),
    epochCompleted(epoch, epoch),
    evaluationStarted(epoch),
    evaluationCompleted(epoch, { loss }),
  ]
}

const cases: readonly {
  readonly what: string
  readonly better?: 'lower' | 'higher'
  readonly patience?: number
  readonly minimumChange?: number
  readonly values: readonly number[]
  /** The evaluation after which the run ends, or null when it goes on after all of them. */
  readonly stopsAfter: number | null
  readonly best: { readonly value: number; readonly step: number } | null
}[] = [
  { what: 'goes on while a lower metric falls', values: [4, 3, 2, 1], stopsAfter: null, best: { value: 1, step: 4 } },
  { what: 'stops after two without a fall', values: [4, 5, 6], stopsAfter: 3, best: { value: 4, step: 1 } },
  { what: 'counts anew after an improvement', values: [4, 5, 3, 4, 5], stopsAfter: 5, best: { value: 3, step: 3 } },
  { what: 'takes an equal value for no improvement', values: [4, 4, 4], stopsAfter: 3, best: { value: 4, step: 1 } },
  {
    what: 'rises where higher is better',
    better: 'higher',
    values: [1, 2, 3],
    stopsAfter: null,
    best: { value: 3, step: 3 },
  },
  {
    what: 'stops where higher is better',
    better: 'higher',
    values: [3, 2, 1],
    stopsAfter: 3,
    best: { value: 3, step: 1 },
  },
  {
    what: 'stops at once with a patience of 1',
    patience: 1,
    values: [1, 1],
    stopsAfter: 2,
    best: { value: 1, step: 1 },
  },
  {
    what: 'wants more than the minimum change',
    minimumChange: 0.5,
    values: [4, 3.5, 3.25],
    stopsAfter: null,
    best: { value: 3.25, step: 3 },
  },
  {
    what: 'takes exactly the minimum change for none',
    minimumChange: 0.5,
    values: [4, 3.75, 3.5],
    stopsAfter: 3,
    best: { value: 4, step: 1 },
  },
  {
    what: 'compares with the best, not with the last',
    minimumChange: 0.5,
    better: 'higher',
    values: [1, 1.4, 1.6],
    stopsAfter: null,
    best: { value: 1.6, step: 3 },
  },
  {
    what: 'takes NaN for no improvement',
    values: [4, Number.NaN, Number.NaN],
    stopsAfter: 3,
    best: { value: 4, step: 1 },
  },
  {
    what: 'takes infinity for no improvement',
    better: 'higher',
    values: [1, Infinity, Infinity],
    stopsAfter: 3,
    best: { value: 1, step: 1 },
  },
  { what: 'never has a best where nothing is a number', values: [Number.NaN, Number.NaN], stopsAfter: 2, best: null },
  { what: 'begins with a number after NaN', values: [Number.NaN, 4, 3], stopsAfter: null, best: { value: 3, step: 3 } },
]

for (const { what, better = 'lower', patience = 2, minimumChange = 0, values, stopsAfter, best } of cases) {
  test(what, () => {
    let state = drive(trainerMachine, [runCreated(), runStarted(planOf(better, patience, minimumChange, 10))])
    for (const [index, value] of values.entries()) {
      state = drive(trainerMachine, epochWith(index + 1, value), state)
      assert.is(state.value, index + 1 === stopsAfter ? 'checkpointing' : 'training', `after evaluation ${index + 1}`)
    }
    assert.equal(state.context.progress.best, best)
    if (stopsAfter === null) return
    // Patience is spent: the final checkpoint, and the end.
    const name = `step-${stopsAfter}`
    state = drive(
      trainerMachine,
      [checkpointCaptured(name, stopsAfter, 'final'), checkpointSaved(name, stopsAfter)],
      state,
    )
    assert.is(state.value, 'ending')
    assert.not(state.can(runCompleted(stopsAfter)))
    assert.is(drive(trainerMachine, [runEarlyStopped(stopsAfter)], state).value, 'early-stopped')
  })
}

test('an evaluation that lacks the metric is no improvement', () => {
  const begun = drive(trainerMachine, [runCreated(), runStarted(planOf('lower', 5, 0, 10)), ...epochWith(1, 3)])
  const facts = epochWith(2, 0).slice(0, -1)
  const { progress } = drive(trainerMachine, [...facts, evaluationCompleted(2, { accuracy: 1 })], begun).context
  assert.equal(progress.best, { value: 3, step: 1 })
  assert.is(progress.evaluationsWithoutImprovement, 1)
})

test('an evaluation on request counts neither for the best nor for patience', () => {
  const begun = drive(trainerMachine, [runCreated(), runStarted(planOf('lower', 1, 0, 10)), ...epochWith(1, 3)])
  const asked = [evaluationStarted(1, 'requested'), evaluationCompleted(1, { loss: 0 }, 'requested')]
  const state = drive(trainerMachine, [...asked, ...asked], begun)
  assert.is(state.value, 'training')
  assert.equal(state.context.progress, begun.context.progress)
})

for (const { what, better, divergence, values, ends } of [
  { what: 'one that is worse than the threshold', better: 'lower', divergence: 5, values: [4, 5.1], ends: true },
  { what: 'one exactly at the threshold', better: 'lower', divergence: 5, values: [4, 5], ends: false },
  { what: 'one below it where higher is better', better: 'higher', divergence: 0.5, values: [0.6, 0.4], ends: true },
  { what: 'what is no number', better: 'lower', divergence: 5, values: [4, Number.NaN], ends: true },
  {
    what: 'what is no number without a threshold',
    better: 'lower',
    divergence: null,
    values: [Number.NaN],
    ends: false,
  },
] as const) {
  test(`${what} ${ends ? 'ends the run at once' : 'does not end the run'}`, () => {
    const steps = values.length
    const begun = [runCreated(), runStarted(planOf(better, 9, 0, 10, divergence))]
    let state = drive(trainerMachine, [...begun, ...values.flatMap((value, index) => epochWith(index + 1, value))])
    assert.is(state.value, ends ? 'checkpointing' : 'training')
    if (!ends) return
    const saved = [checkpointCaptured('last', steps, 'final'), checkpointSaved('last', steps)]
    state = drive(trainerMachine, saved, state)
    assert.not(state.can(runEarlyStopped(steps, 'patience')))
    assert.is(drive(trainerMachine, [runEarlyStopped(steps, 'divergence')], state).value, 'early-stopped')
  })
}

test('the weights of a saved checkpoint are taken back before the end', () => {
  const facts = [runCreated(), runStarted(planOf('lower', 1, 0, 10)), ...epochWith(1, 3), ...epochWith(2, 4)]
  const state = drive(trainerMachine, [...facts, checkpointCaptured('last', 2, 'final'), checkpointSaved('last', 2)])
  assert.not(state.can(weightsRestored('another', 2)))
  const restored = drive(trainerMachine, [weightsRestored('last', 2)], state)
  assert.is(restored.value, 'ending')
  assert.is(restored.context.restored, 'last')
  assert.is(drive(trainerMachine, [runEarlyStopped(2)], restored).value, 'early-stopped')
})

test('what an evaluation leaves behind that throws can be saved', () => {
  const facts = [runCreated(), runStarted(planOf('lower', 1, 0, 10)), ...epochWith(1, 3).slice(0, -1)]
  const state = drive(trainerMachine, facts)
  assert.is(state.value, 'evaluating')
  assert.not(state.can(checkpointCaptured('manual', 1, 'manual')))
  const saved = [checkpointCaptured('rescue', 1, 'emergency'), checkpointSaved('rescue', 1)]
  assert.is(drive(trainerMachine, [...saved, runFailed(1)], state).value, 'failed')
})

test('a run without early stopping goes on whatever it measures', () => {
  const plan = { ...planOf('lower', 1, 0, 4), earlyStopping: null }
  const worse = [1, 2, 3].flatMap(epoch => epochWith(epoch, epoch))
  assert.is(drive(trainerMachine, [runCreated(), runStarted(plan), ...worse]).value, 'training')
})

test.run()
