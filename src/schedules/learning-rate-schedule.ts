import { ChronogradError } from '../errors/chronograd-error.ts'

/** A learning rate was asked for where there is none. */
export class ScheduleError extends ChronogradError {}

/** What every schedule is made of. */
export interface ScheduleSpan {
  /** The highest learning rate, reached when warm-up ends. */
  readonly peak: number
  /** How many steps the whole run has. */
  readonly totalSteps: number
  /** Steps of rising from near zero to the peak. */
  readonly warmUpSteps: number
}

/**
 * How the learning rate changes over a run: linear warm-up to the peak, then what the kind of schedule says.
 *
 * All kinds but one are functions of the step, so a resumed run needs no schedule state and the whole curve is known
 * ahead. One that follows evaluations says what it remembers as `counters`. A schedule of one's own says what share of the
 * peak there is after warm-up.
 *
 * @example
 * class Stairs extends LearningRateSchedule {
 *   protected share(step: number) { return 0.5 ** Math.floor(step / 1000) }
 * }
 */
export abstract class LearningRateSchedule {
  /** A checkpoint keeps its counters; it has no arrays. */
  readonly slots = [] as const
  readonly totalSteps: number
  protected readonly warmUpSteps: number
  readonly #peak: number

  constructor({ peak, totalSteps, warmUpSteps }: ScheduleSpan) {
    this.#peak = peak
    this.totalSteps = totalSteps
    this.warmUpSteps = warmUpSteps
  }

  /**
   * The share of the peak after warm-up.
   *
   * @param step steps since warm-up ended: 0 at the first
   * @param steps how many steps there are after warm-up, at least 1
   */
  protected abstract share(step: number, steps: number): number

  /**
   * Steps, in order and counted as those of {@link share}, between which the share only rises, only falls or stays.
   * Undefined where what is to come is not known ahead, as in a schedule of one's own.
   */
  protected turnsOfShare(_steps: number): readonly number[] | undefined {
    return undefined
  }

  /**
   * The learning rate of a step.
   *
   * @param step 1-based, as facts count steps; beyond the last step the schedule goes on as it says
   * @throws ScheduleError when it is not a whole number from 1
   */
  at(step: number): number {
    if (!Number.isInteger(step) || step < 1) {
      throw new ScheduleError(`Steps are whole numbers from 1, but the learning rate was asked for at step ${step}.`)
    }
    const done = step - 1
    if (done < this.warmUpSteps) return (this.#peak * step) / this.warmUpSteps
    return this.#peak * this.share(done - this.warmUpSteps, this.#stepsAfterWarmUp)
  }

  /**
   * The steps, 1-based and in order, between which the learning rate only rises, only falls or stays: what a million steps
   * look like is known from these and some between them. Undefined where what is to come is not known ahead: under a
   * schedule that follows evaluations, or one of one's own that does not say.
   */
  turns(): readonly number[] | undefined {
    const turns = this.turnsOfShare(this.#stepsAfterWarmUp)
    const { warmUpSteps } = this
    return turns && [warmUpSteps, warmUpSteps + 1, ...turns.map(step => warmUpSteps + step + 1)]
  }

  /** The learning rate of every step from the first to the last, as far as it is known now. */
  ahead(): Float64Array {
    return Float64Array.from({ length: this.totalSteps }, (_, index) => this.at(index + 1))
  }

  /** Is told the run's metric after each scheduled evaluation. Most schedules do not mind. */
  observe(_metric: number): void {}

  counters(): Readonly<Record<string, number>> {
    return {}
  }

  restoreCounters(_counters: Readonly<Record<string, number>>): void {}

  get #stepsAfterWarmUp(): number {
    return Math.max(1, this.totalSteps - this.warmUpSteps)
  }
}

/** How far a schedule has come after warm-up, from 0 to 1: it stays at its end beyond the last step. */
export function progressOf(step: number, steps: number): number {
  return Math.min(1, step / steps)
}

/** Half a cosine from 1 at progress 0 down to `end` at progress 1. */
export function halfCosine(progress: number, end: number): number {
  return end + (1 - end) * 0.5 * (1 + Math.cos(Math.PI * progress))
}
