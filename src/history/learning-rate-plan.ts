import { z } from 'zod'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { createSchedule } from '../schedules/create-schedule.ts'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.ts'
import { scheduleConfig } from '../schedules/schedule-config.ts'
import { type Attempt, timelineOf } from './attempts.ts'

/** Of a run's settings what its learning rates follow from. */
const settingsSchema = z.object({
  optimizer: z.object({ learningRate: z.number().positive() }),
  schedule: scheduleConfig,
})

/** Rounding apart, as a share of the highest learning rate. */
const tolerance = 1e-6

/** Steps that are done by one schedule. */
interface PlanPart {
  readonly schedule: LearningRateSchedule
  /** The last of them. */
  readonly until: number
}

/**
 * The learning rate that is planned for each step of a run's course: for steps that were done by the attempt that did them,
 * for the rest by the last one. An attempt may have been given more epochs, and so another schedule.
 *
 * @example
 * const plan = learningRatePlan(journal, stream, readAttempts(journal, stream))
 * plan?.at(plan.totalSteps) // that of the last step
 */
export class LearningRatePlan {
  /** The step that the run began after: in a fork that of its parent. */
  readonly begun: number
  /** The last step that is planned. */
  readonly totalSteps: number
  /** The steps between which what is left to the last attempt only rises, only falls or stays, in order. */
  readonly turns: readonly number[]
  readonly #peak: number
  readonly #parts: readonly PlanPart[]
  readonly #rest: LearningRateSchedule

  /**
   * @param peak the highest learning rate
   * @param begun the step that the run began after
   * @param done what was done by earlier schedules, in order
   * @param rest by what everything after it is done
   */
  constructor(peak: number, begun: number, done: readonly PlanPart[], rest: LearningRateSchedule) {
    this.#peak = peak
    this.begun = begun
    this.#parts = done
    this.#rest = rest
    this.totalSteps = rest.totalSteps
    this.turns = rest.turns() ?? []
  }

  /** @param step 1-based */
  at(step: number): number {
    const { schedule } = this.#parts.find(({ until }) => step <= until) ?? { schedule: this.#rest }
    return schedule.at(step)
  }

  /** Whether a step was done with the learning rate that was planned for it. */
  agrees(step: number, used: number): boolean {
    return Math.abs(this.at(step) - used) <= tolerance * this.#peak
  }
}

/**
 * What a run's settings plan, as its log records them; undefined where they do not say it: before the first attempt, under
 * a schedule that follows the evaluations, or with an optimizer of another kind. A schedule of one's own stands in no
 * settings, so look whether the steps agree with the plan.
 *
 * @param attempts those that had begun at the moment that is meant
 */
export function learningRatePlan(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
): LearningRatePlan | undefined {
  const [created] = journal.readPage({ stream, types: ['run.created'] }, 1) as TrainingEvent<'run.created'>[]
  const { data: settings } = settingsSchema.safeParse(created?.data.config)
  const [first] = attempts
  if (settings === undefined || first === undefined) return undefined
  const peak = settings.optimizer.learningRate
  const parts = timelineOf(attempts).map(({ until, plan: { totalSteps, metric } }) => ({
    schedule: createSchedule(settings.schedule, { peak, totalSteps, better: metric.better }),
    until,
  }))
  const rest = parts.pop()?.schedule
  return rest?.turns() === undefined ? undefined : new LearningRatePlan(peak, first.step, parts, rest)
}
