import type { SnapshotFrom } from 'xstate'
import { checkpointDue, epochAfter, epochIsClosed } from '../../machines/due-work.ts'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Plan, TrainerContext } from '../../machines/trainer-context.ts'
import type { NewEvent, RecordedEvent } from '../../src/events/recorded-event.ts'
import type { TrainingData, TrainingFact } from '../../src/events/training-events.ts'
import { type FoldResult, foldEvent, snapshotInterval } from '../../src/journal/fold.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { Random } from '../../src/random/random.ts'
import { createSchedule } from '../../src/schedules/create-schedule.ts'
import type { LearningRateSchedule } from '../../src/schedules/learning-rate-schedule.ts'
import { evaluationMetrics } from '../../src/trainer/evaluation-metrics.ts'
import { superfluousCheckpoints } from '../../src/trainer/retention.ts'
import { creationOf } from '../../src/trainer/run-record.ts'
import { parseRunSettings } from '../../src/trainer/run-settings.ts'
import {
  checkpointCaptured,
  checkpointDeleted,
  checkpointSaved,
  diagnosisRaised,
  environment,
  epochCompleted,
  epochStarted,
  evaluationStarted,
  gradientsObserved,
  runResumed,
  runStarted,
  shortPlan,
} from './training-facts.ts'

type TrainerSnapshot = SnapshotFrom<typeof trainerMachine>

export interface LongRunOptions {
  /** Steps between two evaluations, each with a checkpoint; everything else comes in proportion. */
  readonly rhythm?: number
  /** Steps after which a process dies. */
  readonly lifetime?: number
}

/** Of three thousand steps each: more than anybody waits for, and not so many that a plan of every step would fill memory. */
const epochs = 4_000

/**
 * A made-up training of very many steps, told fact by fact as a trainer would tell it: whatever the machine says is
 * due is done, and the numbers are noise. Now and then its process dies between two checkpoints.
 */
export class LongRun {
  readonly #rhythm: number
  readonly #lifetime: number
  readonly #plan: Plan
  readonly #settings = parseRunSettings({ name: 'long' })
  readonly #schedule: LearningRateSchedule
  #diesAt: number | undefined

  constructor({ rhythm = 1_000, lifetime = 250 * rhythm }: LongRunOptions) {
    this.#rhythm = rhythm
    this.#lifetime = lifetime
    const stepsPerEpoch = 3 * rhythm + 1
    this.#plan = {
      ...shortPlan,
      epochs,
      stepsPerEpoch,
      totalSteps: epochs * stepsPerEpoch,
      evaluateEvery: rhythm,
      checkpointEvery: rhythm,
      metric: { name: 'textToImageRecallAt1', better: 'higher' },
      earlyStopping: null,
    }
    const { schedule, optimizer } = this.#settings
    const { totalSteps, metric } = this.#plan
    this.#schedule = createSchedule(schedule, { peak: optimizer?.learningRate ?? 0, totalSteps, better: metric.better })
  }

  /** What the trainer would append next, in one append, to a run that stands so. */
  next({ value, context }: TrainerSnapshot): readonly TrainingFact[] {
    const { step, epoch } = context.progress
    switch (value) {
      case 'idle':
        return [context.name === null ? creationOf('long', this.#settings, { environment }) : runStarted(this.#plan)]
      case 'training':
        return this.#train(context)
      case 'evaluating':
        return [evaluationStarted(step), { type: 'evaluation.completed', data: evaluated(step, epoch) }]
      case 'checkpointing': {
        const name = `step-${String(step).padStart(7, '0')}-attempt-${context.attempt}`
        const captured = checkpointCaptured(name, step, checkpointDue(context) ?? 'manual')
        return [captured, checkpointSaved(name, step, context.progress.best?.value ?? null)]
      }
      default:
        throw new Error(`A made-up run is ${value}, and nothing is known of what comes then.`)
    }
  }

  /** What a new process would append. */
  resume(context: TrainerContext): readonly TrainingFact[] {
    const last = savedCheckpoints(context).at(-1)
    return [runResumed(context.attempt + 1, last?.checkpoint ?? null, last?.step ?? 0, this.#plan)]
  }

  #train(context: TrainerContext): readonly TrainingFact[] {
    const { progress } = context
    const saved = savedCheckpoints(context)
    this.#diesAt ??= (Math.floor(progress.step / this.#lifetime) + 1) * this.#lifetime + 0.6 * this.#rhythm
    if (progress.step > this.#diesAt) {
      this.#diesAt += this.#lifetime
      return this.resume(context)
    }
    const superfluous = superfluousCheckpoints(saved, { keepLast: 3, keepBest: 1, better: 'higher' })
    if (superfluous.length > 0) return superfluous.map(({ checkpoint, step }) => checkpointDeleted(checkpoint, step))
    const epoch = epochAfter(context) ?? 1
    if (progress.epoch < epoch && epochIsClosed(context)) return [epochStarted(epoch, progress.step)]
    return this.#step(progress.step + 1, epoch)
  }

  #step(step: number, epoch: number): readonly TrainingFact[] {
    const { stepsPerEpoch } = this.#plan
    const facts: TrainingFact[] = []
    const random = new Random(1, 'bench', step)
    if (step % (this.#rhythm / 2) === 0) facts.push(gradientsObserved(step, layerNorms(random)))
    const batch = ((step - 1) % stepsPerEpoch) + 1
    const measured = {
      loss: Math.fround(0.5 + 4 / Math.sqrt(step) + 0.05 * random.normal()),
      learningRate: this.#schedule.at(step),
      gradientNorm: Math.exp(0.3 * random.normal()),
      examples: 256,
      durationMs: 250 + 10 * random.normal(),
      dataWaitMs: random.uniform(0, 2),
    }
    // One in twenty thousand is not finite.
    if (step % (20 * this.#rhythm) === 7) {
      facts.push({ type: 'step.skipped', data: { step, epoch, batch, ...measured, loss: Number.NaN } })
    } else {
      const logitScale = Math.min(100, Math.fround(14.3 + step / 1e5))
      facts.push({ type: 'step.completed', data: { step, epoch, batch, ...measured, logitScale, metrics: {} } })
    }
    if (batch === stepsPerEpoch) facts.push(epochCompleted(epoch, step))
    if (step % (30 * this.#rhythm) === 0) facts.push(diagnosisRaised(step))
    return facts
  }
}

/** What was appended of a made-up training. */
export interface LongRunBatch {
  /** The version that its log has come to. */
  readonly version: number
  /** How long the append took, in milliseconds. */
  readonly took: number
}

/**
 * Appends the facts of a made-up training to a stream, a batch whenever it is asked for one, and keeps the machine's states
 * as a trainer does. Where there is a log it is resumed. It ends in the middle of things, as a process that is killed.
 *
 * @param options `until`: the version to end at. `batchSize`: events in an append, 500 unless given; a trainer appends one
 *   step after the other, which takes some four times as long
 */
export function* appendLongRun(
  journal: Journal,
  stream: string,
  { until = Number.POSITIVE_INFINITY, batchSize = 500, ...options }: LongRunOptions & Partial<LongRunBounds> = {},
): Generator<LongRunBatch, void, undefined> {
  const run = new LongRun(options)
  let state = journal.fold(stream, trainerMachine)
  let waiting = state.version === 0 ? [] : run.resume(state.snapshot.context)
  while (state.version < until) {
    const before = state.version
    const batch: NewEvent[] = []
    const kept: FoldResult<typeof trainerMachine>[] = []
    while (batch.length < batchSize && state.version < until) {
      if (waiting.length === 0) waiting = run.next(state.snapshot)
      const [fact, ...rest] = waiting
      if (fact === undefined) throw new Error('A made-up run has nothing to tell.')
      waiting = rest
      state = foldEvent(trainerMachine, state, { ...fact, version: state.version + 1 } as RecordedEvent)
      batch.push({ ...fact, meta: { attempt: Math.max(1, state.snapshot.context.attempt) } })
      if (state.version % snapshotInterval === 0) kept.push(state)
    }
    if (state.refused.length > 0) throw new Error(`The machine refuses the made-up events ${state.refused}.`)
    const began = performance.now()
    const recorded = journal.append(stream, batch, { expectedVersion: before })
    const took = performance.now() - began
    for (const each of kept) {
      journal.saveSnapshot(trainerMachine, each, recorded[each.version - before - 1] as RecordedEvent)
    }
    yield { version: state.version, took }
  }
}

interface LongRunBounds {
  readonly until: number
  readonly batchSize: number
}

/** Appends a made-up training until its log has so many events. */
export function writeLongRun(journal: Journal, stream: string, events: number, options: LongRunOptions = {}): void {
  for (const _ of appendLongRun(journal, stream, { ...options, until: events }));
}

/** Those that were saved, by their steps. */
function savedCheckpoints({ checkpoints }: TrainerContext) {
  return Object.entries(checkpoints)
    .flatMap(([checkpoint, { step, uri, metric }]) => (uri === null ? [] : [{ checkpoint, step, uri, metric }]))
    .sort((one, other) => one.step - other.step)
}

function layerNorms(random: Random): Record<string, number> {
  const names = Array.from({ length: 20 }, (_, index) => `image.stage${index % 4}.block${index >> 2}.kernel`)
  return Object.fromEntries(names.map(name => [name, Math.exp(random.normal())]))
}

function evaluated(step: number, epoch: number): TrainingData<'evaluation.completed'> {
  const random = new Random(2, 'bench', step)
  const found = () => ({ key: `sample-${random.integer(1e6)}`, similarity: random.uniform(), right: false })
  const queries = Array.from({ length: 12 }, (_, query) => ({ query, nearest: Array.from({ length: 5 }, found) }))
  return {
    step,
    epoch,
    split: 'validation',
    reason: 'scheduled',
    metrics: Object.fromEntries(evaluationMetrics.map(name => [name, random.uniform()])),
    samples: queries.map(({ query, nearest }) => ({ query: `a caption ${query}`, key: `sample-${query}`, nearest })),
    pictureSamples: queries.map(({ query, nearest }) => ({
      key: `sample-${query}`,
      nearest: nearest.map(each => ({ ...each, caption: `a caption of ${each.key}` })),
    })),
    examples: 5_000,
    durationMs: 8_000 + 100 * random.normal(),
  }
}
