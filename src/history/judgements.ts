import type { Progress } from '../../machines/trainer-context.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Attempt } from './attempts.ts'
import { firstFrom } from './find-step.ts'
import { supersededBy } from './superseded.ts'

/** A scheduled evaluation, and what it measured of the metric that the run goes by. */
export interface Judgement {
  readonly version: number
  readonly step: number
  /** Undefined where it did not measure that metric. */
  readonly value: number | undefined
}

/** How many of the latest are told one by one. */
export const mostTold = 10

const types = ['evaluation.completed'] as const

/**
 * The latest evaluations by which a run was judged, oldest first, as many as are told; before them the best one, where the
 * run has made it itself. Of superseded ones there is none. Those in between are not read: there may be thousands.
 */
export function readJudgements(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
  best: Progress['best'],
): Judgement[] {
  const metric = attempts.at(-1)?.plan.metric.name ?? ''
  const isValid = (event: Evaluation) =>
    event.data.reason === 'scheduled' && supersededBy(event, attempts) === undefined
  const judgements: Judgement[] = []
  for (const event of journal.read({ stream, types, backwards: true }) as Iterable<Evaluation>) {
    if (!isValid(event)) continue
    judgements.unshift(judgementOf(event, metric))
    if (judgements.length === mostTold) break
  }
  const [oldest] = judgements
  if (best === null || oldest === undefined || best.step >= oldest.step) return judgements
  const bestOne = evaluationAt(journal, stream, attempts, best.step, isValid)
  return bestOne === undefined ? judgements : [judgementOf(bestOne, metric), ...judgements]
}

type Evaluation = TrainingEvent<'evaluation.completed'>

function judgementOf({ version, data }: Evaluation, metric: string): Judgement {
  return { version, step: data.step, value: data.metrics[metric] }
}

/** The last evaluation of a step that is valid. */
function evaluationAt(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
  step: number,
  isValid: (event: Evaluation) => boolean,
): Evaluation | undefined {
  for (const attempt of attempts.toReversed()) {
    const first = firstFrom(journal, stream, attempt, step, types)
    if (first?.data.step !== step) continue
    const next = firstFrom(journal, stream, attempt, step + 1, types)
    const bounds = { after: first.version - 1, until: next === undefined ? attempt.lastVersion : next.version - 1 }
    const events = [...journal.read({ stream, types, ...bounds })] as Evaluation[]
    const last = events.findLast(isValid)
    if (last !== undefined) return last
  }
  return undefined
}
