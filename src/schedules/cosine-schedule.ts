import { halfCosine, LearningRateSchedule, progressOf, type ScheduleSpan } from './learning-rate-schedule.ts'

/** Half a cosine from the peak down to a share of it (Loshchilov and Hutter 2017, with a single cycle). */
export class CosineSchedule extends LearningRateSchedule {
  readonly #finalShare: number

  constructor(span: ScheduleSpan, { finalShare }: { readonly finalShare: number }) {
    super(span)
    this.#finalShare = finalShare
  }

  protected override share(step: number, steps: number): number {
    return halfCosine(progressOf(step, steps), this.#finalShare)
  }

  protected override turnsOfShare(): readonly number[] {
    return []
  }
}
