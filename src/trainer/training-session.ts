import { createHash } from 'node:crypto'
import { createActor } from 'xstate'
import { checkpointDue } from '../../machines/due-work.ts'
import { isCaptured } from '../../machines/run-checkpoints.ts'
import { subscriberMachine } from '../../machines/subscriber.ts'
import type { Progress, TrainerCommand } from '../../machines/trainer-context.ts'
import type { SkippedSample } from '../data/picture-cache.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import type { Environment } from '../history/environment-differences.ts'
import type { Journal } from '../journal/journal.ts'
import type { Track, Tracks } from '../profile/track.ts'
import type { Store } from '../storage/store.ts'
import { standardSubscribers } from '../subscribers/standard-subscribers.ts'
import { SubscriberRunner, settleTogether } from '../subscribers/subscriber-runner.ts'
import { Breath } from './breath.ts'
import { CheckpointWriter } from './checkpoint-writer.ts'
import { endRun } from './end-run.ts'
import { modelFingerprint } from './model-fingerprint.ts'
import { describeData, type PreparedData, prepareData } from './prepare-data.ts'
import { assertSameData, assertSameEpochs, assertSameModel } from './resume-checks.ts'
import { loadResumePoint } from './resume-point.ts'
import type { RunDefinition } from './run-definition.ts'
import type { RunLog, TrainerActor } from './run-log.ts'
import { makeParts, measureHeldOut, type RunParts } from './run-parts.ts'
import type { RunSettings } from './run-settings.ts'
import type { TrainerOptions } from './trainer-options.ts'
import { Worker } from './worker.ts'

export interface TrainingSessionParts {
  readonly definition: RunDefinition
  readonly settings: RunSettings
  readonly environment: Environment
  readonly options: TrainerOptions
  readonly store: Store
  readonly run: string
  readonly journal: Journal
  readonly log: RunLog
  readonly actor: TrainerActor
  /** Is told what goes on, where a profile is taken. */
  readonly profiler: Tracks | undefined
  /** The commands that the machine has accepted and that are still to be served. */
  readonly accepted: Set<TrainerCommand['type']>
  /** Is given the parts when they are made, to keep and in the end to dispose of. */
  readonly onParts: (parts: RunParts) => void
}

/** What there is to work with once the data is ready. */
interface Workshop extends RunParts {
  readonly writer: CheckpointWriter
  /** Updates that the optimizer had made beyond those that the log tells, when the attempt began. */
  readonly updatesBefore: number
}

/**
 * One attempt at a run: makes everything ready, and then does what the lifecycle's state asks for, until it ends. It
 * decides nothing itself: what comes next is read off the machine, which has it from the log.
 */
export class TrainingSession {
  readonly #parts: TrainingSessionParts
  readonly #subscribers: readonly SubscriberRunner[]
  readonly #loopWorker: Worker
  readonly #evaluationWorker: Worker
  readonly #breath = new Breath()
  /** What has to be let go of in the end, last made first. */
  readonly #closing: (() => unknown)[] = []
  /** The metric of the latest evaluation, for the checkpoint that is made at the same step. */
  #evaluated: { readonly step: number; readonly value: number } | undefined
  #workshop: Workshop | undefined

  constructor(parts: TrainingSessionParts) {
    const { actor, journal, log, definition, profiler } = parts
    this.#parts = parts
    this.#loopWorker = new Worker('training-loop', actor)
    this.#evaluationWorker = new Worker('evaluation', actor)
    const followers = [...standardSubscribers, ...(definition.subscribers ?? [])]
    this.#subscribers = followers.map(subscriber => {
      const { name } = subscriber
      const runner = new SubscriberRunner(journal, subscriber, {
        stream: log.stream,
        track: profiler?.subscribers,
        spawn: input => createActor(subscriberMachine, { input, id: name, systemId: name, parent: actor }).start(),
      })
      return runner.start()
    })
    if (profiler !== undefined) log.events$.subscribe(event => tellCheckpoint(event, profiler.checkpoints))
  }

  async run(): Promise<void> {
    const data = await this.#prepareData()
    const workshop = await this.#begin(data)
    this.#workshop = workshop
    for (;;) {
      const state = this.#state
      if (state.hasTag('ended')) break
      await this.#next(workshop)
      // The event loop breathes after every piece of work: signals, subscribers and commands get their turn.
      await new Promise(setImmediate)
    }
  }

  /**
   * Saves what an error has left behind, where it is worth it: steps that no checkpoint holds, and a learner that is
   * whole. One that broke in the middle of an update is not: no resume from it would be exact.
   */
  async rescue(): Promise<void> {
    const workshop = this.#workshop
    if (workshop === undefined) return
    // What it could not tell the log is the error itself, or will be met again when the log is told of that.
    await workshop.writer.finish().catch(() => {})
    const { step } = this.#progress
    const possible = ['training', 'evaluating', 'paused'].includes(this.#state.value)
    if (!possible || step === 0 || this.#isSaved(step)) return
    if (workshop.optimizer.step - updatesOf(this.#progress) === workshop.updatesBefore) {
      await this.#save(workshop, 'emergency')
      return await workshop.writer.finish()
    }
    this.#notice('The error came in the middle of an update, so no checkpoint was made of what it left.')
  }

  /** Waits until every subscriber has handled everything, or is parked. */
  async settle(): Promise<void> {
    await settleTogether(this.#subscribers)
  }

  async close(): Promise<void> {
    // What it could not tell the log, the log has refused to others too.
    await this.#workshop?.writer.finish().catch(() => {})
    for (const part of [...this.#subscribers, this.#loopWorker, this.#evaluationWorker]) part.stop()
    for (const close of this.#closing.reverse()) await close()
  }

  readonly #notice = (sentence: string): void => this.#parts.options.onNotice?.(sentence)

  get #state() {
    return this.#parts.log.state
  }

  get #progress(): Progress {
    return this.#state.context.progress
  }

  async #prepareData(): Promise<PreparedData> {
    const { definition, settings, options, store, run } = this.#parts
    const skipped: SkippedSample[] = []
    try {
      const data = await prepareData(definition, settings, {
        runFolder: store.runFolder(run),
        onProgress: options.onPreparing,
        onSkipped: sample => skipped.push(sample),
      })
      this.#closing.push(
        () => data.train.close(),
        () => data.validation?.close(),
      )
      return data
    } finally {
      // Also when there were too many of them: they are what is wrong then.
      await this.#tellSkipped(skipped)
    }
  }

  async #tellSkipped(samples: readonly SkippedSample[]): Promise<void> {
    const { log } = this.#parts
    // Later attempts find the same ones, or are refused.
    if (this.#state.context.attempt > 0) return
    for (const { source, key, reason } of samples) {
      // Named by what it is about, so that it is told once, also when this attempt is made ready again.
      const about = createHash('sha256')
        .update(JSON.stringify([source, key]))
        .digest('hex')
      const id = `${log.stream}/sample.skipped/${about}`
      await log.append([{ id, type: 'sample.skipped', data: { source, key, reason } }])
    }
  }

  /** Makes the learner, brings it to where the run goes on, and says that the attempt has begun. */
  async #begin(data: PreparedData): Promise<Workshop> {
    const { definition, settings, store, run, journal, log, actor, profiler } = this.#parts
    const parts = makeParts(definition, settings, data, {
      checkpointDir: store.checkpointFolder(run),
      onNotice: this.#notice,
      track: profiler?.training,
    })
    this.#parts.onParts(parts)
    const { plan, model, optimizer, checkpoints } = parts
    const writer = new CheckpointWriter({
      manager: checkpoints,
      log,
      store,
      actor,
      retention: settings.checkpoints,
      onNotice: this.#notice,
    })
    const told = describeData(data)
    faultPoint('data.prepared')
    const fingerprint = modelFingerprint(model)
    const { context } = this.#state
    if (context.attempt === 0) {
      if (context.parent !== null) {
        assertSameEpochs(run, context.progress, plan)
        await loadResumePoint(context, checkpoints, store, this.#notice)
      }
      await log.append([{ type: 'run.started', data: { attempt: 1, plan, data: told, model: fingerprint } }])
      faultPoint('run.started')
    } else {
      assertSameData(journal, run, told)
      const deleted = journal.read({ stream: log.stream, types: ['checkpoint.deleted'] })
      await writer.removeLeftovers(deleted as Iterable<TrainingEvent<'checkpoint.deleted'>>)
      faultPoint('resume.cleared')
      const point = await loadResumePoint(context, checkpoints, store, this.#notice)
      assertSameModel(journal, run, fingerprint, point.step)
      faultPoint('resume.loaded')
      const { environment } = this.#parts
      const attempt = context.attempt + 1
      const data = { attempt, plan, data: told, model: fingerprint, environment, ...point }
      await log.append([{ type: 'run.resumed', data }])
      faultPoint('resume.told')
    }
    return { ...parts, writer, updatesBefore: optimizer.step - updatesOf(this.#progress) }
  }

  /** What the lifecycle's state asks for now. */
  async #next(workshop: Workshop): Promise<void> {
    const { accepted, log, store, settings } = this.#parts
    const { value } = this.#state
    switch (value) {
      case 'training':
        if (accepted.size > 0) return await this.#serve(workshop)
        return await this.#loopWorker.do('train', () => this.#train(workshop))
      case 'evaluating':
        return await this.#evaluate(workshop, 'scheduled')
      case 'checkpointing':
        return await this.#save(workshop, checkpointDue(this.#state.context) ?? 'manual')
      case 'paused':
        if (accepted.size > 0) return await this.#serve(workshop)
        return await this.#nextCommand()
      case 'ending':
        await workshop.writer.finish()
        return await endRun({
          log,
          store,
          checkpoints: workshop.checkpoints,
          restoreBest: settings.earlyStopping?.restoreBest ?? false,
          onNotice: this.#notice,
        })
      default:
        throw new Error(`There is nothing to do in the state ${value}.`)
    }
  }

  /** Step after step, as long as the lifecycle stays in training and nobody asks for something else. */
  async #train({ loop }: Workshop): Promise<void> {
    const { log, accepted, profiler } = this.#parts
    await log.append(loop.opening(this.#progress))
    const { epoch } = this.#progress
    while (this.#state.value === 'training' && accepted.size === 0 && this.#progress.epochsCompleted < epoch) {
      profiler?.training.begin('step', { step: this.#progress.step + 1 })
      const facts = await loop.step(this.#progress)
      faultPoint('step.computed')
      await log.append(facts)
      profiler?.training.end('step')
      const breath = this.#breath.take()
      if (breath !== undefined) await breath
    }
  }

  async #evaluate(
    { evaluation, average, loop }: Workshop,
    reason: TrainingData<'evaluation.started'>['reason'],
  ): Promise<void> {
    const { log, settings, profiler } = this.#parts
    if (evaluation === undefined) return
    const { step, epoch } = this.#progress
    profiler?.training.begin('evaluation', { step })
    const place = { step, epoch, split: 'validation', reason }
    await log.append([{ type: 'evaluation.started', data: place }])
    faultPoint('evaluation.begun')
    await this.#evaluationWorker.do('evaluate', async () => {
      const started = performance.now()
      const result = await measureHeldOut(evaluation, average)
      faultPoint('evaluation.measured')
      const data = { ...place, ...result, durationMs: performance.now() - started }
      await log.append([{ type: 'evaluation.completed', data }])
      const value = result.metrics[settings.evaluation.metric]
      if (reason === 'scheduled' && value !== undefined) loop.observe(value)
      this.#evaluated = value === undefined ? undefined : { step, value }
    })
    profiler?.training.end('evaluation')
  }

  async #save({ writer }: Workshop, reason: TrainingData<'checkpoint.captured'>['reason']): Promise<void> {
    const { settings, profiler } = this.#parts
    const { metric: name } = settings.evaluation
    const { step } = this.#progress
    const evaluated = this.#evaluated?.step === step ? this.#evaluated : undefined
    profiler?.training.begin('checkpoint', { step, reason })
    await writer.capture(reason, evaluated === undefined ? null : { name, value: evaluated.value })
    profiler?.training.end('checkpoint')
  }

  /** Does what a person asked for, at a moment when nothing else is being done. */
  async #serve(workshop: Workshop): Promise<void> {
    const { log, accepted } = this.#parts
    const { step } = this.#progress
    const command = (['stop', 'save', 'evaluate', 'pause', 'continue'] as const).find(each => accepted.delete(each))
    switch (command) {
      case 'stop':
        await workshop.writer.finish()
        if (step > 0 && !this.#isSaved(step)) await this.#save(workshop, 'interrupt')
        await workshop.writer.finish()
        faultPoint('interrupt.saved')
        return await log.append([{ type: 'run.interrupted', data: { step, reason: 'stopped on request' } }])
      case 'save':
        // A checkpoint was due at this step anyway.
        if (isCaptured(this.#state.context)) return
        return await this.#save(workshop, 'manual')
      case 'evaluate':
        return await this.#evaluate(workshop, 'requested')
      case 'pause':
        return await log.append([{ type: 'run.paused', data: { step, reason: 'paused on request' } }])
      case 'continue':
        return await log.append([{ type: 'run.continued', data: { step } }])
    }
  }

  #isSaved(step: number): boolean {
    const { checkpoints } = this.#state.context
    return Object.values(checkpoints).some(checkpoint => checkpoint.step === step && checkpoint.uri !== null)
  }

  #nextCommand(): Promise<void> {
    return new Promise(resolve => {
      const subscription = this.#parts.actor.on('accepted', () => {
        subscription.unsubscribe()
        resolve()
      })
    })
  }
}

/** Tells a profile from when to when a checkpoint was being saved. */
function tellCheckpoint({ type, data }: TrainingEvent, track: Track): void {
  if (type === 'checkpoint.captured') track.begin(data.checkpoint, { step: data.step, reason: data.reason })
  if (type === 'checkpoint.saved' || type === 'checkpoint.failed') track.end(data.checkpoint)
}

/** How often the weights were moved. */
function updatesOf({ step, stepsSkipped }: Progress): number {
  return step - stepsSkipped
}
