import { halfCosine, LearningRateSchedule, progressOf, type ScheduleSpan } from './learning-rate-schedule.ts'

/**
 * One cycle over the whole run (Smith and Topin 2019): up from a share of the peak and down to a far smaller one, each
 * along half a cosine. Its rise is its warm-up. The optimizer's betas are left as they are.
 */
export class OneCycleSchedule extends LearningRateSchedule {
  readonly #riseSteps: number
  readonly #initialShare: number
  readonly #finalShare: number

  constructor(
    { peak, totalSteps, warmUpSteps }: ScheduleSpan,
    { initialShare, finalShare }: { readonly initialShare: number; readonly finalShare: number },
  ) {
    super({ peak, totalSteps, warmUpSteps: 0 })
    this.#riseSteps = warmUpSteps
    this.#initialShare = initialShare
    this.#finalShare = finalShare
  }

  protected override share(step: number, steps: number): number {
    const rise = this.#riseSteps
    if (step < rise) return halfCosine(1 - step / rise, this.#initialShare)
    return halfCosine(progressOf(step - rise, Math.max(1, steps - rise)), this.#finalShare)
  }

  protected override turnsOfShare(): readonly number[] {
    return [this.#riseSteps]
  }
}
