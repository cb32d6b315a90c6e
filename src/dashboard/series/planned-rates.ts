import type { Attempt } from '../../history/attempts.ts'
import { type LearningRatePlan, learningRatePlan } from '../../history/learning-rate-plan.ts'
import { Buckets, bucketWidth } from '../../history/measured/buckets.ts'
import { readMeasured } from '../../history/measured/read-measured.ts'
import type { Journal } from '../../journal/journal.ts'
import type { PlannedRates } from '../answers/series.ts'
import type { KeptCourse } from './kept-course.ts'
import { PlanCheck } from './plan-check.ts'

/** Which part of the plan is wanted. */
export interface PlannedQuestion {
  /** The version after which the run's course is meant, and the attempts that had begun by then. */
  readonly until: number
  readonly attempts: readonly Attempt[]
  /** Up to this step it was trained. */
  readonly after: number
  /** The first and the last step; all that are planned unless given. */
  readonly from: number
  readonly to: number | undefined
  /** How many buckets there may be at most. */
  readonly buckets: number
}

/**
 * The learning rates of the steps that were still to come after a version, as far as they are known: not where the steps before
 * it went by another plan, and none once nothing comes any more.
 */
export function plannedRates(
  journal: Journal,
  stream: string,
  kept: KeptCourse,
  question: PlannedQuestion,
): PlannedRates | null {
  const { until, attempts } = question
  const plan = learningRatePlan(journal, stream, attempts)
  if (plan === undefined || hasEnded(journal, stream, until)) return null
  if (!isFollowed(journal, stream, kept, plan, until)) return null
  const rates = thinnedRates(plan, question)
  return rates.steps.length === 0 ? null : rates
}

/** Whether the run had come to an end from which none goes on. */
function hasEnded(journal: Journal, stream: string, until: number): boolean {
  return journal.readPage({ stream, until, types: ['run.completed', 'run.early-stopped'] }, 1).length > 0
}

/** What is kept was looked at when it was read, so that only what is not is read here. */
function isFollowed(
  journal: Journal,
  stream: string,
  kept: KeptCourse,
  plan: LearningRatePlan,
  until: number,
): boolean {
  const complete = kept.completeUntil(until)
  if (kept.departure !== null && kept.departure <= complete.step) return false
  const check = new PlanCheck(plan)
  const rest = { until, after: complete.version, from: complete.step + 1, to: Number.MAX_SAFE_INTEGER }
  for (const _ of readMeasured(journal, stream, rest, check)) if (check.departure !== null) return false
  return true
}

/**
 * Every bucket's extremes, wherever in it training has come to: what is left of them later is told by leaving some out. A
 * plan's extremes are at its turns and at the buckets' ends, so that it needs not be worked out step by step.
 */
function thinnedRates(plan: LearningRatePlan, { after, from, to, buckets }: PlannedQuestion): PlannedRates {
  const first = Math.max(1, from)
  const last = Math.min(plan.totalSteps, to ?? plan.totalSteps)
  const width = bucketWidth(last - first + 1, buckets)
  const begin = Math.max(first, width * Math.floor((after + 1) / width))
  const isWanted = (step: number) => begin <= step && step <= last
  const steps = new Set<number>(plan.turns.filter(isWanted))
  for (let step = width * Math.floor(begin / width); step <= last; step += width) {
    for (const end of [step, step + width - 1]) steps.add(Math.min(last, Math.max(begin, end)))
  }
  const thin = new Buckets(width)
  for (const step of [...steps].sort((one, other) => one - other)) thin.push(step, plan.at(step))
  const thinned = thin.thinned()
  const isToCome = thinned.steps.map(step => step > after)
  const rates = {
    steps: thinned.steps.filter((_, index) => isToCome[index]),
    values: thinned.values.filter((_, index) => isToCome[index]).map(Number),
  }
  if (last > after && last >= begin && rates.steps.at(-1) !== last) {
    rates.steps.push(last)
    rates.values.push(plan.at(last))
  }
  return rates
}
