import { trainerMachine } from '../../../machines/trainer.ts'
import type { TrainerContext } from '../../../machines/trainer-context.ts'
import { readAttempts, type TimelinePart, timelineOf } from '../../history/attempts.ts'
import { type Environment, environmentDifferences } from '../../history/environment-differences.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import { ReexecutionError } from './re-execution-error.ts'

/** Which steps are to be done again: so many from one on, or as few as bring the run to one step. */
export type WantedSteps =
  | { readonly from?: number | undefined; readonly steps?: number | undefined }
  | { readonly at: number }

/** The step that a re-execution must begin at, or before; and the last that is done. */
export interface StepRange {
  readonly after: number
  readonly to: number
}

/** What of a run can be done again. */
export interface RepeatableSteps {
  readonly timeline: readonly TimelinePart[]
  readonly checkpoints: TrainerContext['checkpoints']
  readonly parent: TrainerContext['parent']
  readonly range: StepRange
  /** Where the first of the steps was computed. */
  readonly environment: Environment
}

/**
 * Reads off a run's log what of it is to be done again.
 *
 * @throws ReexecutionError when the run has no such step
 */
export function repeatableSteps(journal: Journal, run: string, wanted: WantedSteps): RepeatableSteps {
  const timeline = timelineOf(readAttempts(journal, runStream(run)))
  const { checkpoints, parent, progress } = journal.fold(runStream(run), trainerMachine).snapshot.context
  const range = rangeOf(run, timeline, progress.step, wanted)
  return { timeline, checkpoints, parent, range, environment: partOf(timeline, range).environment }
}

function rangeOf(run: string, timeline: readonly TimelinePart[], last: number, wanted: WantedSteps): StepRange {
  const first = (timeline[0]?.step ?? 0) + 1
  if (timeline.length === 0 || last < first) {
    throw new ReexecutionError(`The run ${run} has no step yet, so there is nothing to do again.`)
  }
  const named = 'at' in wanted ? wanted.at : (wanted.from ?? first)
  if (named < first || named > last) {
    throw new ReexecutionError(
      `The run ${run} has the steps ${first} to ${last}, so step ${named} cannot be done again.`,
    )
  }
  if ('at' in wanted) return { after: named, to: named }
  return { after: named - 1, to: Math.min(last, named - 1 + (wanted.steps ?? last)) }
}

/** The part of a timeline that a range begins in. */
function partOf(timeline: readonly TimelinePart[], { after, to }: StepRange): TimelinePart {
  const part = timeline.find(({ until }) => Math.min(after + 1, to) <= until)
  if (part === undefined) throw new Error(`No attempt has step ${to}.`)
  return part
}

/** @throws ReexecutionError when one of the attempts that are to be done again was made where bits come out otherwise */
export function assertSameBits(
  run: string,
  timeline: readonly TimelinePart[],
  { after, to }: StepRange,
  now: Environment,
): void {
  const refusals = timeline
    .filter(({ step, until }) => step < to && until > after)
    .flatMap(({ attempt, environment }) => {
      const differences = environmentDifferences(environment, now)
      return differences.length === 0 ? [] : [`of attempt ${attempt}, ${differences.join('; ')}`]
    })
  if (refusals.length === 0) return
  throw new ReexecutionError(
    `The run ${run} would not come out bit-identically here: ${refusals.join('; and ')}. Restore that, or allow it with --allow-different-environment (allowDifferentEnvironment in code), and differences count as expected.`,
  )
}
