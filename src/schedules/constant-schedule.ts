import { LearningRateSchedule } from './learning-rate-schedule.ts'

/** The peak to the end. */
export class ConstantSchedule extends LearningRateSchedule {
  protected override share(): number {
    return 1
  }

  protected override turnsOfShare(): readonly number[] {
    return []
  }
}
