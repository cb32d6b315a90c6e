import * as assert from 'uvu/assert'
import type { TrainingEvent, TrainingEventType } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import type { TrainerOptions } from '../../src/trainer/trainer-options.ts'

/** Trains to the end and gives the state that the run ended in. */
export async function train(definition: RunDefinition, options: TrainerOptions): Promise<string> {
  const trainer = new MultimodalTrainer(definition, { backend: 'wasm', ...options })
  try {
    return await trainer.train()
  } finally {
    trainer.close()
  }
}

/** Trains until a step is done, and stops there. @returns the run's name */
export async function trainUntil(step: number, definition: RunDefinition, options: TrainerOptions): Promise<string> {
  const trainer = new MultimodalTrainer(definition, { backend: 'wasm', ...options })
  trainer.on('step.completed', ({ data }) => {
    if (data.step === step) trainer.stop()
  })
  assert.is(await trainer.train(), 'interrupted')
  assert.is(factsOf(options.store ?? '', trainer.run, 'run.interrupted').at(-1)?.data.step, step)
  return trainer.run
}

/** Looks into a store's journal as another process would. */
export function reading<Result>(store: string, use: (journal: Journal) => Result): Result {
  const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
  try {
    return use(journal)
  } finally {
    journal.close()
  }
}

/** A run's facts of some types, or all of them. */
export function factsOf<Type extends TrainingEventType = TrainingEventType>(
  store: string,
  run: string,
  ...types: readonly Type[]
): TrainingEvent<Type>[] {
  const stream = runStream(run)
  return reading(store, journal => [
    ...(journal.read({ stream, ...(types.length > 0 && { types }) }) as Iterable<TrainingEvent<Type>>),
  ])
}

/** The SHA-256 of the run's last checkpoint, which must be the one after its last step. */
export function finalHash(store: string, run: string, step = 16): string {
  const last = factsOf(store, run, 'checkpoint.saved').at(-1)
  assert.is(last?.data.step, step, `the step of the last checkpoint of ${run}`)
  return last?.data.sha256 ?? ''
}

/** What comes whenever somebody gets to it, while training goes on: what a subscriber finds, what becomes of a checkpoint. */
const beside: readonly TrainingEventType[] = [
  'diagnosis.raised',
  'checkpoint.saved',
  'checkpoint.failed',
  'checkpoint.deleted',
]

/** The types of a run's facts, in order: all but those that come when somebody else gets to them. */
export function typesOf(store: string, run: string): TrainingEventType[] {
  return factsOf(store, run).flatMap(({ type }) => (beside.includes(type) ? [] : [type]))
}
