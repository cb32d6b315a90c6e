import { type Attempt, readAttempts } from '../history/attempts.ts'
import { type Environment, environmentDifferences } from '../history/environment-differences.ts'
import { describeValue, factDifference } from '../history/fact-difference.ts'
import { type RepeatableEvent, type Repetition, Repetitions, type StepFacts } from '../history/repetitions.ts'
import type { Journal } from '../journal/journal.ts'
import type { RunCheck } from './run-check.ts'

/** From a step on, a course of training was computed so. */
interface Leg {
  readonly after: number
  readonly environment: Environment
  readonly totalSteps: number
}

interface Tally {
  steps: number
  evaluations: number
  checkpoints: number
}

interface FoundDifference {
  readonly step: number
  readonly message: string
}

/**
 * Training is deterministic, so a step that an attempt did again must have come out as it did before: its loss, its
 * gradient norm, what was observed in it, the evaluation after it and the checkpoint that was saved then. Where the
 * attempts computed under other conditions, their difference is told and found no fault with.
 */
export function* checkRepetitions(journal: Journal, stream: string): Generator<RunCheck> {
  const attempts = readAttempts(journal, stream)
  const repetitions = new Repetitions(journal, stream, attempts)
  const courses: (readonly Leg[])[] = []
  const same: Tally = { steps: 0, evaluations: 0, checkpoints: 0 }
  let sound = true
  for (const [index, attempt] of attempts.entries()) {
    const course = courseOf(attempt, courses[repetitions.whoDid(attempt.step, index) ?? -1] ?? [])
    const conditions = courses.map(earlier => conditionsOf(earlier, course))
    courses.push(course)
    const isAlike = (earlier: number) => conditions[earlier]?.length === 0
    const alike = compare(repetitions.of(index, isAlike), same)
    if (alike.first !== undefined) {
      sound = false
      const more = alike.differing - 1
      const others =
        more === 0 ? '' : `; ${counted(more, 'more step')} of the attempt ${more === 1 ? 'differs' : 'differ'}`
      const { step, message } = alike.first
      yield { check: 'repetition', subject: `step ${step}`, ok: false, message: `${message}${others}` }
    }
    const elsewhere = compare(repetitions.of(index, earlier => !isAlike(earlier)))
    if (elsewhere.steps > 0) {
      const why = [...new Set(conditions.flat())].join('; ')
      const message = `${elsewhere.differing} of the ${counted(elsewhere.steps, 'step')} that it did again under other conditions differ, as is to be expected: ${why}`
      yield { check: 'repetition', subject: `attempt ${attempt.attempt}`, ok: true, message }
    }
  }
  if (sound) yield { check: 'repetition', subject: 'superseded steps', ok: true, message: told(same) }
}

/** Compares every step with its repetition; what is the same is added to `tally`. */
function compare(repetitions: Iterable<Repetition>, tally?: Tally) {
  let first: FoundDifference | undefined
  let differing = 0
  let steps = 0
  for (const repetition of repetitions) {
    steps++
    const found = differenceOf(repetition, tally)
    if (found === undefined) continue
    first ??= found
    differing++
  }
  return { first, differing, steps }
}

function told({ steps, evaluations, checkpoints }: Tally): string {
  if (steps === 0) return 'no step was done twice under the same conditions'
  const counts = `${counted(steps, 'step')}, ${counted(evaluations, 'evaluation')} and ${counted(checkpoints, 'checkpoint')}`
  return `${counts} were done again and came out bit by bit as before`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The first difference between a step and its repetition; what is the same is tallied. */
function differenceOf({ before, again }: Repetition, tally: Tally | undefined): FoundDifference | undefined {
  for (const event of again.events) {
    const earlier = before.events.find(candidate => isCounterpart(candidate, event))
    if (earlier === undefined) continue
    const difference = factDifference(earlier, event)
    if (difference !== undefined) {
      const { field, one, other } = difference
      const message = `${field} of ${event.type} is ${describeValue(other)} in ${placeOf(again, event)}, but was ${describeValue(one)} in ${placeOf(before, earlier)}`
      return { step: again.step, message }
    }
    if (tally === undefined) continue
    if (event.type === 'evaluation.completed') tally.evaluations++
    else if (event.type === 'checkpoint.saved') tally.checkpoints++
    else if (isStep(event)) tally.steps++
  }
  return undefined
}

function placeOf({ attempt }: StepFacts, { version }: RepeatableEvent): string {
  return `attempt ${attempt.attempt} (event ${version})`
}

/** Whether two facts of one step are about the same thing. */
function isCounterpart(one: RepeatableEvent, other: RepeatableEvent): boolean {
  if (isStep(one) && isStep(other)) return true
  if (one.type === 'evaluation.completed' && other.type === 'evaluation.completed') {
    return one.data.split === other.data.split && one.data.reason === other.data.reason
  }
  if (one.type === 'checkpoint.saved' && other.type === 'checkpoint.saved') {
    // A checkpoint that was saved before the step's evaluation is another than the one that was saved after it.
    return (one.data.metric === null) === (other.data.metric === null)
  }
  return one.type === other.type
}

function isStep({ type }: RepeatableEvent): boolean {
  return type === 'step.completed' || type === 'step.skipped'
}

/** What an attempt's numbers follow from: that of the attempt whose checkpoint it went on from, and then its own. */
function courseOf({ step, environment, plan }: Attempt, before: readonly Leg[]): readonly Leg[] {
  return [...before.filter(leg => leg.after < step), { after: step, environment, totalSteps: plan.totalSteps }]
}

/** In which conditions two courses differ, in words; empty where whatever both did must have come out the same. */
function conditionsOf(one: readonly Leg[], other: readonly Leg[]): string[] {
  const changes = [...one, ...other].map(({ after }) => after).toSorted((first, second) => first - second)
  const differences = changes.map(after => {
    const [was, is] = [legAt(one, after), legAt(other, after)]
    if (was === undefined || is === undefined) return []
    const [before, now] = [was.totalSteps, is.totalSteps]
    const lengths = before === now ? [] : [`the run was to have ${before} steps and is to have ${now}`]
    return [...environmentDifferences(was.environment, is.environment), ...lengths]
  })
  return differences.find(each => each.length > 0) ?? []
}

function legAt(course: readonly Leg[], after: number): Leg | undefined {
  return course.findLast(leg => leg.after <= after)
}
