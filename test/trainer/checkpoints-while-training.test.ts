import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEvent, TrainingEventType } from '../../src/events/training-events.ts'
import { runStream } from '../../src/storage/store.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { reexecute } from '../../src/trainer/re-execution/reexecute.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { TrainingLoop } from '../../src/trainer/training-loop.ts'
import { colourRun } from '../support/colour-run.ts'
import { HeldCheckpoints } from '../support/held-checkpoints.ts'
import { rejectedBy } from '../support/rejected.ts'
import { checksOf } from '../support/repeated-run.ts'
import { factsOf, finalHash, reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('checkpoints that are written while training goes on')

/** The colour run whose checkpoints are each held, while a trainer trains it, until the run has come to something. */
function heldRun(
  until: (trainer: MultimodalTrainer, file: string) => Promise<unknown>,
  changes: Partial<RunDefinition> = {},
) {
  let trainer: MultimodalTrainer | undefined
  const definition = colourRun({
    ...changes,
    parts: {
      ...changes.parts,
      checkpointManager: options => {
        const checkpoints = new HeldCheckpoints(options)
        checkpoints.until = async file => trainer && (await until(trainer, file))
        return checkpoints
      },
    },
  })
  /** Trains, and gives how it ended. */
  const train = async (store: string, prepare: (trainer: MultimodalTrainer) => void = () => {}): Promise<string> => {
    trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    try {
      prepare(trainer)
      return await trainer.train()
    } finally {
      trainer.close()
      trainer = undefined
    }
  }
  return { definition, train }
}

/** Waits until a trainer has told of a fact. */
function untilFact<Type extends TrainingEventType>(
  trainer: MultimodalTrainer,
  type: Type,
  isMeant: (event: TrainingEvent<Type>) => boolean,
): Promise<void> {
  return new Promise(resolve => {
    trainer.on(type, event => {
      if (isMeant(event)) resolve()
    })
  })
}

const stepOf = (file: string) => Number(/step-(\d+)/.exec(file)?.[1])

/** Two steps later, or at the end at once. */
const twoStepsLater = (trainer: MultimodalTrainer, file: string) =>
  stepOf(file) > 14
    ? Promise.resolve()
    : untilFact(trainer, 'step.completed', ({ data }) => data.step >= stepOf(file) + 2)

const versionsOf = (store: string, type: TrainingEventType) =>
  new Map(factsOf(store, 'colours', type).map(({ data, version }) => ['step' in data ? data.step : 0, version]))

test('have the state of their moment, though steps lie between the capture and the saving, and disturb nothing', async () => {
  await inTemporaryFolder(async store => {
    const run = heldRun(twoStepsLater, { checkpoints: { every: { epochs: 1 }, keepLast: 9 } })
    assert.is(await run.train(store), 'completed')
    const { hash, losses } = await undisturbedRun()
    assert.is(finalHash(store, 'colours'), hash)
    assert.equal(
      factsOf(store, 'colours', 'step.completed').map(({ data }) => data.loss),
      losses,
    )
    const [saved, steps] = [versionsOf(store, 'checkpoint.saved'), versionsOf(store, 'step.completed')]
    for (const step of [4, 8, 12]) assert.ok((saved.get(step) ?? 0) > (steps.get(step + 2) ?? 0), `checkpoint ${step}`)
    for (const { ok, subject, message } of await checksOf(store, 'colours')) assert.ok(ok, `${subject}: ${message}`)
    // Each checkpoint is of its step, as the steps after it, done again, show.
    for (const from of [5, 9, 13]) {
      const {
        ok,
        from: began,
        checkpoints,
      } = await reexecute(run.definition, { run: 'colours', store, from, steps: 4 })
      assert.equal([ok, began, checkpoints], [true, from, 1])
    }
    assert.is((await reexecute(run.definition, { run: 'colours', store })).checkpoints, 4)
  })
})

test('come one after the other: one that is due waits for the one before it', async () => {
  await inTemporaryFolder(async store => {
    let states: unknown[] = []
    const run = heldRun(async trainer => {
      // Until training stands still for the next one, or is at its end.
      while (!['checkpointing', 'ending'].includes(trainer.actor.getSnapshot().value)) await setTimeout(1)
      states = [...states, trainer.actor.getSnapshot().value]
    })
    assert.is(await run.train(store), 'completed')
    assert.equal(states, ['checkpointing', 'checkpointing', 'checkpointing', 'ending'])
    const [captured, saved] = [versionsOf(store, 'checkpoint.captured'), versionsOf(store, 'checkpoint.saved')]
    for (const step of [4, 8, 12]) assert.ok((captured.get(step + 4) ?? 0) > (saved.get(step) ?? Number.NaN))
    assert.is(finalHash(store, 'colours'), (await undisturbedRun()).hash)
  })
})

test('say how long training stood still for them, which is no longer than they took', async () => {
  await inTemporaryFolder(async store => {
    const run = heldRun(() => setTimeout(20), { name: 'told' })
    await run.train(store)
    const told = factsOf(store, 'told', 'checkpoint.saved').map(({ data }) => data)
    assert.is(told.length, 4)
    const [{ durationMs, standstillMs } = { durationMs: 0, standstillMs: 1 }] = told
    assert.ok(durationMs >= 20 && standstillMs > 0 && standstillMs < durationMs, `${standstillMs} of ${durationMs} ms`)
  })
})

for (const [end, prepare] of [
  ['run.completed', () => {}],
  ['run.interrupted', trainer => trainer.on('step.completed', ({ data }) => data.step === 6 && trainer.stop())],
] as [TrainingEventType, (trainer: MultimodalTrainer) => void][]) {
  test(`are all told of before ${end}`, async () => {
    await inTemporaryFolder(async store => {
      await heldRun(() => setTimeout(100)).train(store, prepare)
      assertSettled(store, end)
    })
  })
}

test('are all told of before run.failed, and the one that an emergency makes', async () => {
  await inTemporaryFolder(async store => {
    class BreakingLoop extends TrainingLoop {
      override async step(progress: Parameters<TrainingLoop['step']>[0]) {
        if (progress.step === 6) throw new TypeError('the loop broke')
        return await super.step(progress)
      }
    }
    const run = heldRun(() => setTimeout(100), { parts: { trainingLoop: options => new BreakingLoop(options) } })
    await rejectedBy(TypeError, run.train(store))
    assertSettled(store, 'run.failed')
    assert.equal(
      factsOf(store, 'colours', 'checkpoint.saved').map(({ data }) => data.step),
      [4, 6],
    )
  })
})

/** That a run has ended so, and no checkpoint was in writing then, in the log or in the folder. */
function assertSettled(store: string, end: TrainingEventType): void {
  const facts = factsOf(store, 'colours').filter(({ type }) => type !== 'diagnosis.raised')
  assert.is(facts.at(-1)?.type, end)
  const { checkpoints } = reading(store, journal => journal.fold(runStream('colours'), trainerMachine)).snapshot.context
  assert.ok(Object.values(checkpoints).every(({ uri }) => uri !== null))
}

test.run()
