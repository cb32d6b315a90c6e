import { LearningRateSchedule, progressOf, type ScheduleSpan } from './learning-rate-schedule.ts'

/** A straight line from the peak down to a share of it. */
export class LinearSchedule extends LearningRateSchedule {
  readonly #finalShare: number

  constructor(span: ScheduleSpan, { finalShare }: { readonly finalShare: number }) {
    super(span)
    this.#finalShare = finalShare
  }

  protected override share(step: number, steps: number): number {
    return 1 - (1 - this.#finalShare) * progressOf(step, steps)
  }

  protected override turnsOfShare(): readonly number[] {
    return []
  }
}
