import type { SnapshotFrom } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { createSchedule } from '../learning/schedule/create-schedule.ts'
import type { Points } from '../metrics/growing-points.ts'
import { runStream } from '../storage/store.ts'
import { parseRunSettings } from '../trainer/run-settings.ts'

/**
 * The learning rate that a run's settings plan for every step, as far as the steps that were done went by it: not so
 * under a schedule of one's own, or one that follows the evaluations.
 *
 * @param used the learning rate of the steps that were done
 */
export function plannedLearningRate(journal: Journal, run: string, used: Points): Float64Array | undefined {
  const stream = runStream(run)
  const { plan }: SnapshotFrom<typeof trainerMachine>['context'] = journal.fold(stream, trainerMachine).snapshot.context
  const [created] = journal.readPage({ stream, types: ['run.created'] }, 1) as TrainingEvent<'run.created'>[]
  if (plan === null || created === undefined) return undefined
  const { optimizer, schedule, evaluation } = parseRunSettings(created.data.config)
  // An optimizer of another kind is not in the settings, and so its learning rate is not.
  if (optimizer === null) return undefined
  const { totalSteps } = plan
  const peak = optimizer.learningRate
  const planned = createSchedule(schedule, { peak, totalSteps, better: evaluation.better }).ahead()
  const isFollowed = used.steps.every((step, index) => {
    const expected = planned[step - 1] ?? Number.NaN
    return Math.abs(expected - (used.values[index] ?? Number.NaN)) <= 1e-6 * peak
  })
  return isFollowed ? planned : undefined
}
