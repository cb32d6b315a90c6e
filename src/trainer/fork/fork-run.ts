import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Backend, BackendChoice } from '../../backends/backend.ts'
import { type TrainingEvent, trainingEvents } from '../../events/training-events.ts'
import { environmentDifferences } from '../../history/environment-differences.ts'
import { Journal } from '../../journal/journal.ts'
import { inScratchFolder } from '../../storage/scratch-folder.ts'
import { Store } from '../../storage/store.ts'
import { currentEnvironment } from '../environment.ts'
import type { PreparationProgress } from '../prepare-data.ts'
import type { ReexecutionProgress } from '../re-execution/re-execution-options.ts'
import { recordedBackend } from '../recorded-backend.ts'
import type { TrainerDefinition } from '../run-definition.ts'
import { assertEvaluable } from '../run-settings.ts'
import { EnvironmentChangedError } from '../trainer-errors.ts'
import { assertFits } from './assert-fits.ts'
import { beginFork } from './begin-fork.ts'
import { ForkError } from './fork-error.ts'
import { type ChangeSettings, forkedSettings } from './fork-settings.ts'
import { inheritCheckpoint } from './inherited-checkpoint.ts'
import { parentRun } from './parent-run.ts'

export interface ForkOptions {
  /** The run to fork, by name. */
  readonly run: string
  /** The step after which the fork goes its own way: any of the run's current timeline, with or without a checkpoint. */
  readonly step: number
  /** What the fork does otherwise: makes its settings of the parent's, those of its log. Nothing unless given. */
  readonly change?: ChangeSettings
  /** The store's folder; `runs` unless given. */
  readonly store?: string
  /** The backend, chosen by name or prepared before; the parent's unless given. */
  readonly backend?: BackendChoice | Backend
  /** Forks although the bits come out otherwise here than where the parent was trained. */
  readonly allowDifferentEnvironment?: boolean
  /** The configuration file that the definition comes from, for the record. */
  readonly definitionFile?: string
  /** Is told how far decoding is. */
  readonly onPreparing?: (progress: PreparationProgress) => void
  /** Is told of each step that is done again, where the step has no checkpoint. */
  readonly onProgress?: (progress: ReexecutionProgress) => void
  /** Is told what a person should know, such as a damaged checkpoint that was passed over. */
  readonly onNotice?: (sentence: string) => void
}

/**
 * Begins a new run from another one's state after a step: with its weights, optimizer, schedule, tokenizer and progress.
 * The fork is then a run like any other: train it with `new MultimodalTrainer(definition, { resume: name })`. With nothing
 * changed its steps come out as the parent's did, bit for bit.
 *
 * Everything is checked before anything is written: settings, data, model, and whether the state fits them. The parent is
 * only read, also while another process trains it. A model or an optimizer that the definition hands in as an object must be as
 * it was when the parent began, and has the fork's state afterwards.
 *
 * @param definition the parent's data and other objects; its settings are taken from the parent's log
 * @returns the fork's `run.created`, in which its name and lineage are
 * @throws ForkError when there is no such step, a changed setting cannot be changed, the state does not fit, or the fork
 *   cannot be written
 * @throws InvalidSettingsError when a changed setting is wrong
 * @throws ResumeError when there is no such run
 * @throws EnvironmentChangedError when bits come out otherwise here, unless that is allowed
 * @throws ReexecutionError when the step has no checkpoint and cannot be done again
 *
 * @example
 * const { data } = await forkRun(definition, {
 *   run: 'pets',
 *   step: 512,
 *   change: settings => ({ ...settings, schedule: { kind: 'constant' } }),
 * })
 * await new MultimodalTrainer(definition, { resume: data.name }).train()
 */
export async function forkRun(
  definition: TrainerDefinition,
  options: ForkOptions,
): Promise<TrainingEvent<'run.created'>> {
  const store = new Store(options.store ?? definition.checkpointDir)
  if (!existsSync(store.journalPath)) {
    throw new ForkError(`There are no runs at ${store.journalPath}, so there is nothing to fork; name another store.`)
  }
  const journal = Journal.open(store.journalPath, { events: [...trainingEvents, ...(definition.events ?? [])] })
  try {
    return await forkIn(journal, store, definition, options)
  } finally {
    journal.close()
  }
}

async function forkIn(
  journal: Journal,
  store: Store,
  definition: TrainerDefinition,
  options: ForkOptions,
): Promise<TrainingEvent<'run.created'>> {
  const { run, step, change, definitionFile, allowDifferentEnvironment = false } = options
  const { onPreparing, onProgress, onNotice = () => {} } = options
  const parent = parentRun(journal, run, step)
  const settings = forkedSettings(parent, step, change)
  assertEvaluable(settings, definition.valData !== undefined)
  const runFolder = store.runFolder(run)
  assertTokenizer(runFolder)
  const backend = await recordedBackend(options.backend, parent.environment)
  const environment = currentEnvironment(backend)
  const differences = environmentDifferences(parent.environment, environment)
  if (differences.length > 0 && !allowDifferentEnvironment) throw new EnvironmentChangedError(run, differences)
  return await inScratchFolder(async scratch => {
    const told = { onNotice, ...(onPreparing && { onPreparing }), ...(onProgress && { onProgress }) }
    const file = path.join(scratch, 'inherited.safetensors')
    const inherited = await inheritCheckpoint(definition, parent, step, file, {
      store,
      options: { run, store: store.folder, backend, allowDifferentEnvironment, ...told },
    })
    await assertFits(definition, settings, { parent, step, inherited, runFolder, scratch, onNotice, onPreparing })
    return await beginFork(journal, store, { parent, step, settings, environment, definitionFile, inherited })
  })
}

/** @throws ForkError when the parent's tokenizer is gone: another one would give its texts other numbers */
function assertTokenizer(runFolder: string): void {
  const file = path.join(runFolder, 'tokenizer.json')
  if (!existsSync(file)) throw new ForkError(`The tokenizer of the run is not at ${file}; restore it from a backup.`)
}
