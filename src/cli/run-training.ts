import { Store } from '../storage/store.ts'
import { MultimodalTrainer, type TrainerOptions } from '../trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import { eventJson } from './event-json.ts'
import { TrainingDisplay } from './training-display.ts'
import { summarizeTraining } from './training-summary.ts'

/** What `train` and `resume` share. */
export interface TrainingOutput {
  readonly store: string
  /** Facts as JSON lines on standard output. */
  readonly json: boolean
}

/** Trains before a person's eyes: shows it, obeys Ctrl-C, and sums it up at the end. */
export async function runTraining(
  definition: RunDefinition,
  options: TrainerOptions,
  { store, json }: TrainingOutput,
): Promise<void> {
  const display = new TrainingDisplay()
  const trainer = new MultimodalTrainer(definition, {
    ...options,
    store,
    onPreparing: progress => display.prepare(progress),
    onNotice: sentence => display.notice(sentence),
  })
  display.notice(`Run ${trainer.run} in ${store}.`)
  trainer.events$.subscribe(event => {
    display.take(event)
    if (json) process.stdout.write(`${eventJson(event)}\n`)
  })
  const release = onInterrupt(trainer, display)
  try {
    await trainer.train()
  } finally {
    release()
    display.close()
  }
  const summary = await summarizeTraining(new Store(store), trainer.run, definition.valData)
  if (json) console.error(summary)
  else console.log(summary)
}

/** Ctrl-C once saves and ends cleanly, twice ends now. */
function onInterrupt(trainer: MultimodalTrainer, display: TrainingDisplay): () => void {
  let asked = false
  const stop = () => {
    if (asked || !trainer.actor.getSnapshot().can({ type: 'stop' })) process.exit(130)
    asked = true
    display.notice('Saving a checkpoint and ending after this step. Press Ctrl-C again to end now.')
    trainer.stop()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
