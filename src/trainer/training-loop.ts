import type * as tf from '@tensorflow/tfjs-core'
import type { Plan, Progress } from '../../machines/trainer.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { TrainingFact } from '../events/training-events.ts'
import type { AdamW } from '../learning/adamw.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import type { FlatLayout } from '../learning/flat-layout.ts'
import { learningRateAt } from '../learning/schedule.ts'
import { trainingStep } from '../learning/training-step.ts'
import type { DataHandler } from './data-handler.ts'
import type { RunSettings } from './run-settings.ts'

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
 * The loop asks before each step whether the observer wants it, shows it the gradients within the step, and appends the
 * facts that it then gives to those of the step.
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
  /** What came of the step that was seen last. */
  facts(place: { readonly step: number; readonly epoch: number }): TrainingFact[]
}

export interface TrainingLoopOptions {
  readonly model: DualEncoder
  readonly optimizer: AdamW
  readonly data: DataHandler
  readonly plan: Plan
  readonly settings: Pick<RunSettings, 'seed' | 'optimizer' | 'schedule' | 'maximumSkippedInARow'>
  readonly observer?: StepObserver | undefined
}

/**
 * Does one step of training after another and says what happened as facts. It keeps no counters: which step is next
 * follows from the progress that the log tells, so that it can go on from any point.
 */
export class TrainingLoop {
  readonly #options: TrainingLoopOptions

  constructor(options: TrainingLoopOptions) {
    this.#options = options
  }

  /** The learning rate of a step, 1-based; known ahead for the whole run. */
  learningRate(step: number): number {
    const { plan, settings } = this.#options
    const { warmUpShare, finalShare } = settings.schedule
    const schedule = {
      peak: settings.optimizer.learningRate,
      warmUpSteps: Math.round(warmUpShare * plan.totalSteps),
      finalShare,
    }
    return learningRateAt(step - 1, plan.totalSteps, schedule)
  }

  /**
   * Whether an epoch must be opened before the next step.
   */
  opening(progress: Progress): TrainingFact[] {
    const { stepsPerEpoch } = this.#options.plan
    const epoch = Math.floor(progress.step / stepsPerEpoch) + 1
    return progress.epoch === epoch ? [] : [{ type: 'epoch.started', data: { epoch, step: progress.step } }]
  }

  /**
   * The next step: one update of the weights, or, where loss or gradients are not finite, none. At the end of an epoch
   * its completion follows.
   *
   * @throws DivergedError when too many steps in a row were not finite
   */
  async step(progress: Progress): Promise<TrainingFact[]> {
    const { model, optimizer, data, plan, settings, observer } = this.#options
    const { stepsSkippedInARow } = progress
    if (stepsSkippedInARow >= settings.maximumSkippedInARow) throw new DivergedError(stepsSkippedInARow, progress.step)

    const started = performance.now()
    const batch = await data.batch(progress.step)
    const dataWaitMs = performance.now() - started
    const step = progress.step + 1
    const learningRate = this.learningRate(step)
    const seeing = observer?.wants(step) ? observer : undefined
    const result = trainingStep({
      model,
      optimizer,
      batch,
      learningRate,
      seed: settings.seed,
      step,
      inspect: seeing && (gradient => seeing.see(gradient, optimizer.layout)),
    })

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
      ? { type: 'step.completed', data: { ...common, logitScale: Math.exp(result.logitScale), metrics: {} } }
      : { type: 'step.skipped', data: common }
    const facts = [fact, ...(seeing?.facts({ step, epoch: progress.epoch }) ?? [])]
    if (step % plan.stepsPerEpoch !== 0) return facts
    return [...facts, { type: 'epoch.completed', data: { epoch: progress.epoch, step } }]
  }
}
