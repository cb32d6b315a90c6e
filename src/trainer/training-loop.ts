import type * as tf from '@tensorflow/tfjs-core'
import type { Plan, Progress } from '../../machines/trainer-context.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { TrainingFact } from '../events/training-events.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import type { FlatLayout } from '../learning/flat-layout.ts'
import { assertLossFits, type BatchLoss, lossOf } from '../learning/loss/batch-loss.ts'
import { duplicateCaptionShare } from '../learning/loss/caption-classes.ts'
import type { ModelAverage } from '../learning/model-average.ts'
import type { Optimizer } from '../learning/optimizer.ts'
import { BatchError, type TrainingBatch } from '../learning/training-batch.ts'
import { type StepResult, trainingStep } from '../learning/training-step.ts'
import type { Track } from '../profile/track.ts'
import { createSchedule } from '../schedules/create-schedule.ts'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.ts'
import { type LoopSettings, type LoopSettingsInput, parseLoopSettings } from './loop-settings.ts'

/** Too many steps in a row had a loss or gradients that were not finite. */
export class DivergedError extends ChronogradError {
  constructor(steps: number, step: number) {
    super(
      `Loss or gradients were not finite in ${steps} steps in a row, up to step ${step}; lower optimizer.learningRate or optimizer.clipNorm, or lengthen schedule.warmUpShare.`,
    )
  }
}

/**
 * Looks into some of the steps, such as every hundredth, and says what it saw as facts.
 *
 * The loop asks before each step whether the observer wants it, shows it the gradients within the step, and tells the
 * facts that it then gives before that of the step.
 */
export interface StepObserver {
  /** @param step 1-based */
  wants(step: number): boolean
  /**
   * Called within the step, before the weights are updated.
   *
   * @param gradient all gradients in one vector, unclipped, in the order of `layout`; disposed of when the step ends
   */
  see(gradient: tf.Tensor1D, layout: FlatLayout): void
  /** What was seen in the step that was seen last. */
  facts(place: { readonly step: number; readonly epoch: number }): TrainingFact[]
}

/** Where a loop gets its batches from; a `DataHandler` is one. */
export interface TrainingBatches {
  /** The batch of a step: `step` is how many were done before it, over all epochs. */
  batch(step: number): TrainingBatch | Promise<TrainingBatch>
}

/** How far a loop has come; a run's `Progress` is one. */
export type LoopProgress = Pick<Progress, 'step' | 'epoch' | 'stepsSkippedInARow'>

export interface TrainingLoopOptions {
  readonly model: DualEncoder
  /** Made from the model's parameters, after whatever is to be frozen was. */
  readonly optimizer: Optimizer
  readonly data: TrainingBatches
  /** How long an epoch and the whole training are, in steps; `metric.better` is what a plateau schedule goes by. */
  readonly plan: Pick<Plan, 'stepsPerEpoch' | 'totalSteps'> & Partial<Pick<Plan, 'metric'>>
  /** Those of a run's settings that concern the loop, each with a run's default. */
  readonly settings?: LoopSettingsInput
  /** A schedule of one's own instead of that of the settings. */
  readonly schedule?: LearningRateSchedule | undefined
  /** Is updated after every step. */
  readonly average?: ModelAverage | undefined
  readonly observer?: StepObserver | undefined
  /** Is told what the loop is at, for a profile; `step` spans are up to whoever drives it, such as `run`. */
  readonly track?: Track | undefined
}

/** The parts that were given to a loop do not fit each other. */
export class TrainingLoopError extends ChronogradError {}

const beginning: LoopProgress = { step: 0, epoch: 0, stepsSkippedInARow: 0 }

/**
 * Does one step of training after another and says what happened as facts. It keeps no counters: which step is next
 * follows from the progress that the log tells, so that it can go on from any point.
 *
 * It works without a log just as well: `run` goes from step to step by itself and yields what a log would be told.
 *
 * @example
 * const plan = { stepsPerEpoch: data.stepsPerEpoch, totalSteps: 3 * data.stepsPerEpoch }
 * const loop = new TrainingLoop({ model, optimizer: new AdamW(model.parameters), data, plan })
 * for await (const fact of loop.run()) {
 *   if (fact.type === 'step.completed') console.log(fact.data.step, fact.data.loss)
 * }
 */
export class TrainingLoop {
  /** The learning rates of the whole training; one that remembers belongs into its checkpoints. */
  readonly schedule: LearningRateSchedule
  readonly #options: TrainingLoopOptions
  readonly #settings: LoopSettings
  readonly #loss: BatchLoss
  /** What batches are like since the first. */
  #shape: Pick<TrainingBatch, 'imageSize' | 'tokenLength'> | undefined

  /**
   * @throws InvalidSettingsError
   * @throws LossError when the model was not made for the loss
   * @throws TrainingLoopError when the optimizer moves what the model has frozen
   */
  constructor(options: TrainingLoopOptions) {
    const { model, optimizer, plan } = options
    this.#options = options
    this.#settings = parseLoopSettings(options.settings ?? {})
    assertLossFits(this.#settings.loss, model)
    assertNothingFrozenMoves(model, optimizer)
    this.#loss = lossOf(this.#settings.loss)
    this.schedule =
      options.schedule ??
      createSchedule(this.#settings.schedule, {
        peak: optimizer.config.learningRate,
        totalSteps: plan.totalSteps,
        better: plan.metric?.better ?? 'higher',
      })
  }

  /** The learning rate of a step, 1-based. */
  learningRate(step: number): number {
    return this.schedule.at(step)
  }

  /** Is told the run's metric after each scheduled evaluation, for a schedule that follows it. */
  observe(metric: number): void {
    this.schedule.observe(metric)
  }

  /**
   * Whether an epoch must be opened before the next step.
   */
  opening(progress: LoopProgress): TrainingFact[] {
    const { stepsPerEpoch } = this.#options.plan
    const epoch = Math.floor(progress.step / stepsPerEpoch) + 1
    return progress.epoch === epoch ? [] : [{ type: 'epoch.started', data: { epoch, step: progress.step } }]
  }

  /**
   * The next step: one update of the weights, or, where loss or gradients are not finite, none. At the end of an epoch
   * its completion follows.
   *
   * @throws DivergedError when too many steps in a row were not finite
   * @throws BatchError when the batch's arrays do not fit each other, or its pictures or texts have another size than those before
   */
  async step(progress: LoopProgress): Promise<TrainingFact[]> {
    const { data, plan, average, observer, track } = this.#options
    const { stepsSkippedInARow } = progress
    if (stepsSkippedInARow >= this.#settings.maximumSkippedInARow) {
      throw new DivergedError(stepsSkippedInARow, progress.step)
    }

    const started = performance.now()
    track?.begin('data wait')
    const batch = await data.batch(progress.step)
    track?.end('data wait')
    const dataWaitMs = performance.now() - started
    const step = progress.step + 1
    this.#assertSameShape(batch, step)
    const learningRate = this.learningRate(step)
    const seeing = observer?.wants(step) ? observer : undefined
    const result = this.#update(batch, { step, learningRate, seeing })
    if (result.applied && average !== undefined) {
      track?.begin('averaging')
      average.update()
      track?.end('averaging')
    }

    const common = {
      step,
      epoch: progress.epoch,
      batch: (progress.step % plan.stepsPerEpoch) + 1,
      loss: result.loss,
      learningRate,
      gradientNorm: result.gradientNorm,
      examples: batch.size,
      durationMs: performance.now() - started,
      dataWaitMs,
    }
    const fact: TrainingFact = result.applied
      ? {
          type: 'step.completed',
          data: { ...common, logitScale: Math.exp(result.logitScale), metrics: metricsOf(batch, result) },
        }
      : { type: 'step.skipped', data: common }
    const facts = [...(seeing?.facts({ step, epoch: progress.epoch }) ?? []), fact]
    if (step % plan.stepsPerEpoch !== 0) return facts
    return [...facts, { type: 'epoch.completed', data: { epoch: progress.epoch, step } }]
  }

  /**
   * Goes from step to step to the end of the plan, or for some epochs, and yields every fact when it has happened. Whoever
   * stops listening stops the training; it goes on from the progress that the facts told.
   *
   * @param options `after`: where to go on, at the beginning unless told; `epochs`: how many, all that are left unless told
   */
  async *run({
    after = beginning,
    epochs,
  }: {
    after?: LoopProgress
    epochs?: number
  } = {}): AsyncGenerator<TrainingFact, void, void> {
    const { plan, track } = this.#options
    const { stepsPerEpoch, totalSteps } = plan
    const last = Math.min(totalSteps, epochs === undefined ? totalSteps : after.step + epochs * stepsPerEpoch)
    let progress = after
    while (progress.step < last) {
      for (const fact of this.opening(progress)) {
        progress = advanced(progress, fact)
        yield fact
      }
      track?.begin('step', { step: progress.step + 1 })
      const facts = await this.step(progress)
      track?.end('step')
      for (const fact of facts) {
        progress = advanced(progress, fact)
        yield fact
      }
      await new Promise(setImmediate)
    }
  }

  #update(
    batch: TrainingBatch,
    { step, learningRate, seeing }: { step: number; learningRate: number; seeing: StepObserver | undefined },
  ): StepResult {
    const { model, optimizer, track } = this.#options
    const { seed, microBatchSize, recomputeActivations } = this.#settings
    return trainingStep({
      model,
      optimizer,
      batch,
      loss: this.#loss,
      learningRate,
      seed,
      step,
      microBatchSize,
      recomputeActivations,
      inspect:
        seeing &&
        (gradient => {
          track?.begin('inspection')
          seeing.see(gradient, optimizer.layout)
          track?.end('inspection')
        }),
      track,
    })
  }

  #assertSameShape({ imageSize, tokenLength }: TrainingBatch, step: number): void {
    this.#shape ??= { imageSize, tokenLength }
    const before = this.#shape
    if (before.imageSize !== imageSize) {
      throw new BatchError(
        `The batch of step ${step} has pictures of ${imageSize} pixels, but those before had ${before.imageSize}; bring all pictures to one size.`,
      )
    }
    if (before.tokenLength !== tokenLength) {
      throw new BatchError(
        `The batch of step ${step} has texts of ${tokenLength} tokens, but those before had ${before.tokenLength}; pad or cut all texts to one length.`,
      )
    }
  }
}

/** The progress after a fact, for whoever drives a loop without a log. */
function advanced(progress: LoopProgress, fact: TrainingFact): LoopProgress {
  switch (fact.type) {
    case 'epoch.started':
      return { ...progress, epoch: fact.data.epoch }
    case 'step.completed':
      return { ...progress, step: fact.data.step, stepsSkippedInARow: 0 }
    case 'step.skipped':
      return { ...progress, step: fact.data.step, stepsSkippedInARow: progress.stepsSkippedInARow + 1 }
    default:
      return progress
  }
}

function metricsOf(batch: TrainingBatch, { logitBias }: StepResult): Record<string, number> {
  return {
    duplicateCaptions: duplicateCaptionShare(batch.groups, batch),
    ...(logitBias === undefined ? {} : { logitBias }),
  }
}

function assertNothingFrozenMoves({ frozen }: DualEncoder, { layout }: Optimizer): void {
  const moved = layout.slots.find(({ parameter }) => frozen.has(parameter.variable))
  if (moved === undefined) return
  throw new TrainingLoopError(
    `The optimizer moves ${moved.parameter.name}, which the model has frozen; make the optimizer after freezing.`,
  )
}
