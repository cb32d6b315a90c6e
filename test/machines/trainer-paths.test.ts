import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainerCommand, TrainerContext } from '../../machines/trainer-context.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { assertSame } from '../support/same.ts'
import { factsFor } from '../support/training-facts.ts'

type State = SnapshotFrom<typeof trainerMachine>
type StateName = State['value']

const test = suite('every path of the trainer machine')

const commands = (['pause', 'continue', 'stop', 'evaluate', 'save'] as const).map(type => ({ type }))

/** The states in which a fact that fits the run's progress is taken; some only while `when` holds. */
const factStates: Readonly<
  Record<
    TrainingFact['type'],
    { states: readonly StateName[]; when?: (context: TrainerContext, state: StateName) => boolean }
  >
> = {
  'run.created': { states: ['idle'], when: ({ name }) => name === null },
  'sample.skipped': { states: ['idle', 'failed'], when: ({ name, attempt }) => name !== null && attempt === 0 },
  'run.started': { states: ['idle', 'failed'], when: ({ name, attempt }) => name !== null && attempt === 0 },
  'epoch.started': {
    states: ['training'],
    when: ({ progress: { step, epoch, epochsCompleted } }) => epoch === step / 2 && epochsCompleted === epoch,
  },
  'parameters.observed': { states: ['training'], when: hasOpenEpoch },
  'gradients.observed': { states: ['training'], when: hasOpenEpoch },
  'step.completed': { states: ['training'], when: hasOpenEpoch },
  'step.skipped': { states: ['training'], when: hasOpenEpoch },
  'epoch.completed': {
    states: ['training'],
    when: ({ progress: { step, epoch, epochsCompleted } }) =>
      step > 0 && step % 2 === 0 && epochsCompleted < epoch && step === 2 * epoch,
  },
  'evaluation.started': { states: ['training', 'evaluating', 'paused'] },
  'evaluation.completed': { states: ['evaluating'] },
  'checkpoint.captured': { states: ['training', 'checkpointing', 'paused'], when: context => !isWriting(context) },
  'checkpoint.saved': { states: ['training', 'evaluating', 'checkpointing', 'paused', 'ending'], when: isWriting },
  'checkpoint.failed': { states: ['training', 'evaluating', 'checkpointing', 'paused', 'ending'], when: isWriting },
  'checkpoint.deleted': {
    states: allStates(),
    when: ({ checkpoints }) => Object.values(checkpoints).some(({ uri }) => uri !== null),
  },
  'diagnosis.raised': { states: allStates() },
  'run.paused': { states: ['training'] },
  'run.continued': { states: ['paused'] },
  'run.interrupted': { states: ['training', 'paused'], when: context => !isWriting(context) },
  'run.resumed': {
    states: ['training', 'evaluating', 'checkpointing', 'paused', 'ending', 'interrupted', 'failed'],
    when: ({ attempt }) => attempt > 0,
  },
  'weights.restored': {
    states: ['ending'],
    when: context => !isWriting(context) && Object.values(context.checkpoints).some(({ uri }) => uri !== null),
  },
  'run.early-stopped': {
    states: ['ending'],
    when: context => !isWriting(context) && context.progress.evaluationsWithoutImprovement > 0,
  },
  'run.completed': { states: ['ending'], when: context => !isWriting(context) && context.progress.step === 4 },
  'run.failed': {
    states: ['idle', 'training', 'evaluating', 'checkpointing', 'paused', 'ending', 'failed'],
    when: ({ name, attempt }, state) => name !== null && (state !== 'failed' || attempt === 0),
  },
}

const commandStates: Readonly<Record<TrainerCommand['type'], readonly StateName[]>> = {
  pause: ['training', 'evaluating', 'checkpointing'],
  continue: ['paused'],
  stop: ['training', 'evaluating', 'checkpointing', 'paused'],
  evaluate: ['training', 'checkpointing', 'paused'],
  save: ['training', 'evaluating', 'paused'],
}

function allStates(): readonly StateName[] {
  return Object.keys(trainerMachine.states) as StateName[]
}

function hasOpenEpoch({ progress }: TrainerContext): boolean {
  return progress.epoch === Math.floor(progress.step / 2) + 1
}

function isWriting({ checkpoints }: TrainerContext): boolean {
  return Object.values(checkpoints).some(({ uri }) => uri === null)
}

/**
 * All paths of the first attempt, and the first state of the second. What may come at any step, such as a checkpoint by
 * hand, comes at one or two of them, so that there is an end to the states.
 */
const paths = getShortestPaths(trainerMachine, {
  events: (state: State) =>
    state.context.attempt <= 1
      ? [...factsFor(state.context).fitting.filter(fact => isWalked(fact, state) && state.can(fact)), ...commands]
      : [],
  serializeState: (state: State) => serialize(state),
  limit: 100_000,
})

function isWalked(fact: TrainingFact, { value, context }: State): boolean {
  const { step } = context.progress
  switch (fact.type) {
    case 'sample.skipped':
    case 'diagnosis.raised':
      return value === 'idle' && context.samplesSkipped + context.diagnoses === 0
    case 'step.skipped':
      return step === 0
    case 'checkpoint.captured':
      return value === 'checkpointing' || step === 1
    case 'evaluation.started':
      return value === 'evaluating' || step === 1
    case 'run.interrupted':
      return step === 1
    case 'run.paused':
      return step === 1 || step === 2
    case 'checkpoint.deleted':
      return value === 'training' && step === 3
    default:
      return true
  }
}

function serialize({ value, context }: State): string {
  return JSON.stringify([value, context])
}

/** A path begins with an event of XState's own. */
function isBeginning(event: { readonly type: string }): boolean {
  return event.type === 'xstate.init'
}

test('every state of the machine is reached', () => {
  const reached = new Set(paths.map(({ state }) => state.value))
  assert.equal([...reached].sort(), [...allStates()].sort())
  assert.ok(paths.length > 500, `${paths.length} states were walked`)
})

test('every path leads to its state again when its events are folded', () => {
  for (const { state, steps } of paths) {
    let [folded] = initialTransition(trainerMachine)
    for (const { event } of steps) {
      if (!isBeginning(event)) folded = transition(trainerMachine, folded, event)[0]
    }
    assert.is(serialize(folded), serialize(state))
  }
})

test('a fact that fits is taken exactly in the states that it belongs to', () => {
  for (const { state } of paths) {
    for (const fact of factsFor(state.context).fitting) {
      const { states, when = () => true } = factStates[fact.type]
      const wanted = states.includes(state.value) && when(state.context, state.value)
      assert.is(state.can(fact), wanted, `${fact.type} in ${serialize(state)}`)
    }
  }
})

test('a fact of another step, epoch, attempt or checkpoint is refused everywhere and changes nothing', () => {
  for (const [index, { state }] of paths.entries()) {
    for (const fact of factsFor(state.context).wrong) {
      assert.not(state.can(fact), `${JSON.stringify(fact)} in ${serialize(state)}`)
      if (index % 20 === 0) assert.is(transition(trainerMachine, state, fact)[0], state)
    }
  }
})

test('a command is accepted exactly where it makes sense, with an emitted "accepted" and no other change', () => {
  for (const { state } of paths) {
    for (const command of commands) {
      const { checkpoints, progress } = state.context
      const isCaptured = Object.values(checkpoints).some(({ step }) => step === progress.step)
      const wanted = commandStates[command.type].includes(state.value) && !(command.type === 'save' && isCaptured)
      assert.is(state.can(command), wanted, `${command.type} in ${state.value}`)
      const [after, actions] = transition(trainerMachine, state, command)
      assert.is(serialize(after), serialize(state))
      assert.is(actions.length, wanted ? 1 : 0)
    }
  }
})

test('a live actor emits "accepted" with the command', () => {
  for (const [command, states] of Object.entries(commandStates)) {
    for (const value of states) {
      const at = paths.find(({ state }) => state.value === value)
      assert.ok(at, `there is a path to ${value}`)
      const actor = createActor(trainerMachine, { snapshot: trainerMachine.getPersistedSnapshot(at.state) }).start()
      const heard: string[] = []
      actor.on('accepted', event => heard.push(event.command))
      actor.send({ type: command as TrainerCommand['type'] })
      assert.equal(heard, [command])
      actor.stop()
    }
  }
})

test('every state survives JSON and goes on from there alike', () => {
  for (const { state } of paths) {
    assertSame(JSON.parse(JSON.stringify(state.context)), state.context)
  }
  for (const { state } of paths.filter((_, index) => index % 23 === 0)) {
    const snapshot = JSON.parse(JSON.stringify(trainerMachine.getPersistedSnapshot(state)))
    const restored = createActor(trainerMachine, { snapshot }).getSnapshot()
    assert.is(serialize(restored), serialize(state))
    for (const event of [...factsFor(state.context).fitting, ...commands]) {
      assert.is(
        serialize(transition(trainerMachine, restored, event)[0]),
        serialize(transition(trainerMachine, state, event)[0]),
      )
    }
  }
})

test('only "completed" and "early-stopped" have no way on', () => {
  for (const { state } of paths) {
    const ways = factsFor(state.context).fitting.filter(
      fact => !['diagnosis.raised', 'checkpoint.deleted'].includes(fact.type) && state.can(fact),
    )
    assert.is(ways.length === 0, state.value === 'completed' || state.value === 'early-stopped', serialize(state))
  }
})

test.run()
