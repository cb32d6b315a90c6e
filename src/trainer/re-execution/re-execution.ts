import { rm } from 'node:fs/promises'
import path from 'node:path'
import { trainerMachine } from '../../../machines/trainer.ts'
import { beginning, type Progress, type TrainerContext } from '../../../machines/trainer-context.ts'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import { isTrainingEvent, type TrainingEvent, type TrainingFact } from '../../events/training-events.ts'
import type { TimelinePart } from '../../history/attempts.ts'
import { type Environment, environmentDifferences } from '../../history/environment-differences.ts'
import { repeatableTypes, valueDifference } from '../../history/fact-difference.ts'
import type { RepeatableEvent } from '../../history/repetitions.ts'
import { savingOf } from '../../history/saving-of.ts'
import { foldEvent } from '../../journal/fold.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream, type Store } from '../../storage/store.ts'
import type { SavedCheckpoint } from '../checkpoint-manager.ts'
import { checkpointState } from '../checkpoint-writer.ts'
import { modelFingerprint } from '../model-fingerprint.ts'
import type { PreparedData } from '../prepare-data.ts'
import { assertSameModel } from '../resume-checks.ts'
import { loadRecorded, type ResumePoint } from '../resume-point.ts'
import type { RunDefinition } from '../run-definition.ts'
import { makeParts, measureHeldOut, type RunParts } from '../run-parts.ts'
import type { RunSettings } from '../run-settings.ts'
import { Comparison } from './comparison.ts'
import type { ReexecutionOptions } from './re-execution-options.ts'
import { versionOf } from './starting-point.ts'

export interface ReexecutionParts {
  readonly definition: RunDefinition
  readonly settings: RunSettings
  readonly options: ReexecutionOptions
  readonly journal: Journal
  readonly store: Store
  readonly data: PreparedData
  readonly environment: Environment
  readonly timeline: readonly TimelinePart[]
  readonly checkpoints: TrainerContext['checkpoints']
  /** Where it begins, and the last step that is done again. */
  readonly point: ResumePoint
  readonly to: number
  /** A folder of its own, outside the store. */
  readonly scratch: string
}

/**
 * Trains again what a log tells, event by event, and compares what comes out with what was logged. It decides nothing:
 * every step, evaluation and checkpoint of the log's current timeline is done again in its order. It stops at the first
 * fact that differs and should not.
 */
export class Reexecution {
  readonly comparison = new Comparison()
  readonly #given: ReexecutionParts
  readonly #stream: string
  #parts: RunParts | undefined
  #progress: Progress = beginning
  /** The metric of the attempt's latest evaluation, for the checkpoint that is made at the same step. */
  #evaluated: { readonly step: number; readonly value: number } | undefined

  constructor(given: ReexecutionParts) {
    this.#given = given
    this.#stream = runStream(given.options.run)
  }

  /** The run's progress after what was done last. */
  get progress(): Progress {
    return this.#progress
  }

  async run(): Promise<void> {
    const { journal, timeline, point, to } = this.#given
    // At the very step where one attempt ends and the next begins, the end is what there is to do again.
    const first = timeline.findIndex(({ until }) => until > point.step || (until === point.step && point.step === to))
    for (const [index, part] of timeline.entries()) {
      if (index < first || (index > first && !this.#isWanted(part))) continue
      const version = index === first ? versionOf(journal, this.#stream, part, point) : part.version
      await (index === first ? this.#begin(part) : this.#goOn(part))
      if (!this.comparison.failed) await this.#follow(part, version)
      if (this.comparison.failed) return
    }
  }

  /** Saves the state that was reached, as the run would have saved it. @throws CheckpointError */
  async save(file: string): Promise<SavedCheckpoint & { readonly metric: number | null }> {
    const { checkpoints } = this.#ready
    checkpoints.updateState(checkpointState(this.#progress))
    const metric = this.#measured(this.#progress.step)
    const saved = await checkpoints.saveCheckpoint(file, metric === null ? {} : { metricValue: metric.value })
    return { ...saved, metric: metric?.value ?? null }
  }

  dispose(): void {
    this.#parts?.dispose()
    this.#parts = undefined
  }

  get #ready(): RunParts {
    if (this.#parts === undefined) throw new Error('Nothing was done again yet.')
    return this.#parts
  }

  /** Whether an attempt has something to do again: also one that began with what was left to do after the last step. */
  #isWanted({ step, version, lastVersion }: TimelinePart): boolean {
    const { journal, to } = this.#given
    if (step !== to) return step < to
    const bounds = { stream: this.#stream, after: version, until: lastVersion }
    const [next] = journal.readPage({ ...bounds, types: repeatableTypes }, 1) as RepeatableEvent[]
    return next?.data.step === to
  }

  /** Makes the parts of the first attempt that is done again, and brings them to where it begins. */
  async #begin(part: TimelinePart): Promise<void> {
    const { journal, store, checkpoints, point, options } = this.#given
    const { model, checkpoints: manager } = this.#makeParts(part)
    assertSameModel(journal, options.run, modelFingerprint(model), point.step)
    const record = checkpoints[point.checkpoint ?? '']
    if (record !== undefined) {
      await loadRecorded(manager, store, record)
      this.#evaluated = record.metric === null ? undefined : { step: record.step, value: record.metric }
    }
    this.comparison.expected = this.#differencesTo(part)
  }

  /**
   * Goes on as a resumed attempt did: with new parts, which take the state over. It is the state at hand, which was
   * compared with that of the log, so that no file is needed; only where it may differ, the file goes before.
   */
  async #goOn(part: TimelinePart): Promise<void> {
    const carried = path.join(this.#given.scratch, 'carried.safetensors')
    await this.save(carried)
    this.dispose()
    const { checkpoints: manager } = this.#makeParts(part)
    const differences = this.#differencesTo(part)
    if (this.comparison.expected.length > 0 && (await this.#takesLogged(part))) {
      this.comparison.expected = differences
    } else {
      await manager.loadCheckpoint(carried)
      this.comparison.expected = [...new Set([...this.comparison.expected, ...differences])]
    }
    await rm(carried)
    this.#evaluated = undefined
  }

  /** Loads the checkpoint that an attempt went on from. @returns whether there is one, and it is whole */
  async #takesLogged({ checkpoint }: TimelinePart): Promise<boolean> {
    const { store, checkpoints, options } = this.#given
    const record = checkpoints[checkpoint ?? '']
    if (record === undefined) return false
    try {
      await loadRecorded(this.#ready.checkpoints, store, record)
      return true
    } catch (error) {
      if (!(error instanceof ChronogradError)) throw error
      options.onNotice?.(`The checkpoint ${checkpoint} is passed over: ${error.message}`)
      return false
    }
  }

  #makeParts(part: TimelinePart): RunParts {
    const { definition, settings, data, scratch, journal, options } = this.#given
    const { onNotice = () => {} } = options
    const planned = { ...settings, epochs: part.plan.epochs }
    const parts = makeParts(definition, planned, data, { checkpointDir: scratch, onNotice })
    this.#parts = parts
    const difference = valueDifference(part.plan, parts.plan, 'plan')
    const [begun] = journal.readPage({ stream: this.#stream, after: part.version - 1 }, 1)
    this.comparison.difference(begun as TrainingEvent, part.step, difference)
    return parts
  }

  #differencesTo({ environment }: TimelinePart): string[] {
    return environmentDifferences(environment, this.#given.environment)
  }

  /** Does again what an attempt did after a version, as far as it is still valid and asked for. */
  async #follow(part: TimelinePart, after: number): Promise<void> {
    const { journal, to } = this.#given
    const stream = this.#stream
    const last = Math.min(to, part.until)
    let state = journal.fold(stream, trainerMachine, { until: after })
    this.#progress = state.snapshot.context.progress
    let observed: RepeatableEvent[] = []
    for (const event of journal.read({ stream, after, until: part.lastVersion })) {
      if (isTrainingEvent(event)) {
        if (isBeyond(event, last)) return
        if (event.type === 'parameters.observed' || event.type === 'gradients.observed') observed.push(event)
        else if (event.type === 'step.completed' || event.type === 'step.skipped') {
          await this.#step([...observed, event])
          observed = []
        } else await this.#repeat(event, part)
        if (this.comparison.failed) return
      }
      state = foldEvent(trainerMachine, state, event)
      this.#progress = state.snapshot.context.progress
    }
  }

  /** @param logged what was observed in the step, and the step itself */
  async #step(logged: readonly RepeatableEvent[]): Promise<void> {
    const { point, to, options } = this.#given
    const facts = await this.#ready.loop.step(this.#progress)
    for (const event of logged) this.comparison.facts(event, counterpart(event, facts))
    const step = this.#progress.step + 1
    options.onProgress?.({ step, from: point.step + 1, to })
    await new Promise(setImmediate)
  }

  async #repeat(event: TrainingEvent, { lastVersion }: TimelinePart): Promise<void> {
    if (event.type === 'epoch.started') this.#ready.loop.opening(this.#progress)
    else if (event.type === 'evaluation.completed') await this.#evaluate(event)
    else if (event.type === 'checkpoint.captured') {
      // That it is saved may be told some steps later; its state is that of now.
      const saved = savingOf(this.#given.journal, event, lastVersion)
      if (saved !== undefined) await this.#checkpoint(saved)
    }
  }

  async #evaluate(event: TrainingEvent<'evaluation.completed'>): Promise<void> {
    const { evaluation, average, loop } = this.#ready
    if (evaluation === undefined) return this.comparison.facts(event, undefined)
    const result = await measureHeldOut(evaluation, average)
    this.comparison.facts(event, { type: event.type, data: { ...event.data, ...result } })
    const value = result.metrics[this.#given.settings.evaluation.metric]
    if (event.data.reason === 'scheduled' && value !== undefined) loop.observe(value)
    this.#evaluated = value === undefined ? undefined : { step: event.data.step, value }
  }

  /** What a checkpoint's file would be now: written, hashed and removed. */
  async #checkpoint(event: TrainingEvent<'checkpoint.saved'>): Promise<void> {
    const file = path.join(this.#given.scratch, 'repeated.safetensors')
    const { sha256, bytes } = await this.save(file)
    await rm(file)
    const metric = this.#measured(event.data.step)
    this.comparison.facts(event, { type: event.type, data: { ...event.data, sha256, bytes, metric } })
  }

  #measured(step: number): { readonly name: string; readonly value: number } | null {
    const { metric: name } = this.#given.settings.evaluation
    return this.#evaluated?.step === step ? { name, value: this.#evaluated.value } : null
  }
}

/** Whether an event tells of what comes after a step. */
function isBeyond(event: TrainingEvent, last: number): boolean {
  switch (event.type) {
    case 'parameters.observed':
    case 'gradients.observed':
    case 'step.completed':
    case 'step.skipped':
      return event.data.step > last
    case 'epoch.started':
      return event.data.step >= last
    default:
      return false
  }
}

function counterpart({ type }: RepeatableEvent, facts: readonly TrainingFact[]) {
  const isStep = type === 'step.completed' || type === 'step.skipped'
  for (const fact of facts) {
    if (isStep && (fact.type === 'step.completed' || fact.type === 'step.skipped')) return fact
    if (!isStep && fact.type === type && (fact.type === 'parameters.observed' || fact.type === 'gradients.observed')) {
      return fact
    }
  }
  return undefined
}
