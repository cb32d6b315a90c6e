import type { Dashboard, DashboardPlace } from '../dashboard/serve-dashboard.ts'
import type { DecodeProgress } from '../data/picture-cache.ts'
import { openSource } from '../data/read-source.ts'
import { eventJson } from '../events/event-json.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import { Store } from '../storage/store.ts'
import { decodingOf } from '../trainer/data-options.ts'
import { MultimodalTrainer } from '../trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import { InvalidSettingsError } from '../trainer/run-settings.ts'
import type { TrainerOptions } from '../trainer/trainer-options.ts'
import { commandHint, shortPath } from './command-hint.ts'
import { reportProfile } from './profile-report.ts'
import { SearchKeeper } from './search-keeper.ts'
import { TrainingDisplay } from './training-display.ts'
import { summarizeTraining } from './training-summary.ts'
import { UsageError } from './usage-error.ts'

/** What `train` and `resume` share. */
export interface TrainingOutput {
  readonly store: string
  /** Facts as JSON lines on standard output. */
  readonly json: boolean
  /** Where the dashboard is served meanwhile; undefined where it is not. */
  readonly serving: DashboardPlace | undefined
}

/**
 * Trains before a person's eyes: shows it, obeys Ctrl-C, and sums it up at the end. The dashboard, where it is served, is there
 * before anything is done and ends with the run, so that the command ends by itself wherever it was started.
 *
 * @throws UsageError when a setting is wrong, and whatever ends the run
 */
export async function runTraining(
  definition: RunDefinition,
  options: TrainerOptions,
  { store, json, serving }: TrainingOutput,
): Promise<void> {
  const display = new TrainingDisplay()
  const keeper = new SearchKeeper(definition, {
    store: new Store(store),
    onNotice: sentence => display.notice(sentence),
  })
  const trainer = newTrainer(keeper.definition, {
    ...options,
    store,
    onPreparing: progress => display.prepare(progress),
    onNotice: sentence => display.notice(sentence),
  })
  display.notice(`Run ${trainer.run} in ${shortPath(store)}.`)
  let begun = false
  const take = (event: TrainingEvent) => {
    begun = true
    display.take(event, trainer.actor.getSnapshot().context.progress.step)
    keeper.take(event, trainer.run, trainer.settings)
    if (json) display.print(eventJson(event))
  }
  trainer.events$.subscribe(take)
  const dashboard = serving && (await serve(trainer, serving, display))
  const release = onInterrupt(trainer, display)
  try {
    const end = await trainer.train()
    const { valData } = definition
    const tell = (progress: DecodeProgress) => display.prepare({ source: valData?.name ?? '', ...progress })
    await keeper.finish(trainer.settings, end === 'interrupted' ? undefined : tell)
    display.close()
    const openValidation = valData && (() => openSource(valData, decodingOf(trainer.settings)))
    const summary = await summarizeTraining(new Store(store), trainer.run, openValidation)
    const told = trainer.profile === undefined ? summary : `${summary}\n${reportProfile(trainer.profile)}`
    if (json) console.error(told)
    else console.log(told)
  } catch (error) {
    display.close()
    if (begun) display.notice(`When the cause is gone: ${commandHint('resume', trainer.run, store)}`)
    throw error
  } finally {
    release()
    await dashboard?.close()
  }
}

/** @throws DashboardError, with nothing done, when it cannot be served there */
async function serve(trainer: MultimodalTrainer, place: DashboardPlace, display: TrainingDisplay): Promise<Dashboard> {
  const { serveRun } = await import('../dashboard/serve-run.ts')
  const onNotice = (sentence: string) => display.notice(sentence)
  try {
    const dashboard = await serveRun(trainer, { ...place, onNotice })
    const address = `${dashboard.urlWithToken}#/runs/${encodeURIComponent(trainer.run)}`
    onNotice(`The dashboard is at ${address} until the run ends. Whoever has this address can pause and stop the run.`)
    if (!dashboard.isLocal) onNotice('What goes over the network is not encrypted.')
    return dashboard
  } catch (error) {
    trainer.close()
    throw error
  }
}

function newTrainer(definition: RunDefinition, options: TrainerOptions): MultimodalTrainer {
  try {
    return new MultimodalTrainer(definition, options)
  } catch (error) {
    throw error instanceof InvalidSettingsError ? new UsageError(error.message, { cause: error }) : error
  }
}

/** Ctrl-C once saves and ends cleanly, twice ends now. */
function onInterrupt(trainer: MultimodalTrainer, display: TrainingDisplay): () => void {
  let asked = false
  const stop = () => {
    const snapshot = trainer.actor.getSnapshot()
    const stoppable = snapshot.can({ type: 'stop' })
    // Before the first step there is nothing to save; while a run is ending, it ends by itself.
    if (asked || !(stoppable || snapshot.value === 'ending' || snapshot.value === 'completed')) {
      display.close()
      process.exit(130)
    }
    asked = true
    if (!stoppable) return display.notice('The run is just ending. Press Ctrl-C again to end now.')
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
