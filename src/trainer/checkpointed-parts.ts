import type { ModelAverage } from '../learning/model-average.ts'
import type { Stateful } from '../learning/stateful.ts'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.ts'

/** What a run's checkpoints keep beside model and optimizer, under the names that it has in them. */
export function checkpointedParts(
  { schedule }: { readonly schedule: LearningRateSchedule },
  average: ModelAverage | undefined,
): Readonly<Record<string, Stateful>> {
  return { scheduler: schedule, ...(average === undefined ? {} : { average }) }
}
