import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Backend, BackendChoice } from '../../backends/backend.ts'
import { isNotThere } from '../../errors/is-not-there.ts'
import { type TrainingEvent, trainingEvents } from '../../events/training-events.ts'
import { environmentDifferences } from '../../history/environment-differences.ts'
import { Journal } from '../../journal/journal.ts'
import { RunLock } from '../../storage/run-lock.ts'
import { runStream, Store } from '../../storage/store.ts'
import { currentEnvironment } from '../environment.ts'
import type { PreparationProgress } from '../prepare-data.ts'
import { recordedBackend } from '../recorded-backend.ts'
import type { TrainerDefinition } from '../run-definition.ts'
import { freeRunName } from '../run-name.ts'
import { creationOf } from '../run-record.ts'
import { assertEvaluable } from '../run-settings.ts'
import { EnvironmentChangedError } from '../trainer-errors.ts'
import { assertFits } from './assert-fits.ts'
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
  readonly onPreparing?: (progress: PreparationProgress) => void
  readonly onNotice?: (sentence: string) => void
}

/**
 * Begins a new run from another one's state after a step: with its weights, optimizer, schedule, tokenizer and progress.
 * The fork is then a run like any other: train it with `new MultimodalTrainer(definition, { resume: name })`. With nothing
 * changed its steps come out as the parent's did, bit for bit.
 *
 * Everything is checked before anything is written: settings, data, model, and whether the state fits them.
 *
 * @param definition the parent's data and other objects; its settings are taken from the parent's log
 * @returns the fork's `run.created`, in which its name and lineage are
 * @throws ForkError when there is no such step, a changed setting cannot be changed, or the state does not fit
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
  const { run, step, change, onPreparing, onNotice = () => {}, allowDifferentEnvironment = false } = options
  const parent = parentRun(journal, run, step)
  const settings = forkedSettings(parent, step, change)
  assertEvaluable(settings, definition.valData !== undefined)
  const backend = await recordedBackend(options.backend, parent.environment)
  const environment = currentEnvironment(backend)
  const differences = environmentDifferences(parent.environment, environment)
  if (differences.length > 0 && !allowDifferentEnvironment) throw new EnvironmentChangedError(run, differences)

  const name = freeRunName(journal, settings.name)
  const folder = store.runFolder(name)
  const hadFolder = existsSync(folder)
  const checkpoint = `step-${String(step).padStart(7, '0')}-of-${run}`
  const file = path.join(store.checkpointFolder(name), `${checkpoint}.safetensors`)
  const lock = new RunLock(folder, name)
  try {
    await copyTokenizer(store.runFolder(run), folder)
    const reexecution = {
      run,
      store: store.folder,
      backend,
      allowDifferentEnvironment,
      onNotice,
      ...(onPreparing && { onPreparing }),
    }
    const { sha256, progress, metric } = await inheritCheckpoint(definition, parent, step, file, {
      store,
      options: reexecution,
    })
    await assertFits(definition, settings, { parent, step, file, sha256, runFolder: folder, onNotice, onPreparing })
    const lineage = { run, version: parent.version, step, checkpoint, uri: store.uriOf(file), sha256, metric, progress }
    const created = creationOf(name, settings, { environment, definitionFile: options.definitionFile, parent: lineage })
    const [recorded] = journal.append(runStream(name), [created], { expectedVersion: 'no-stream' })
    return recorded as TrainingEvent<'run.created'>
  } catch (error) {
    lock.release()
    if (!hadFolder) await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    lock.release()
  }
}

/** A run with a tokenizer that was handed in has it beside it as well. */
async function copyTokenizer(from: string, to: string): Promise<void> {
  try {
    await copyFile(path.join(from, 'tokenizer.json'), path.join(to, 'tokenizer.json'))
  } catch (error) {
    if (!isNotThere(error)) throw error
    throw new ForkError(
      `The tokenizer of the run is not at ${path.join(from, 'tokenizer.json')}; restore it from a backup.`,
    )
  }
}
