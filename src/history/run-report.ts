import type { Diagnosis } from '../diagnostics/diagnosis.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream, type Store } from '../storage/store.ts'
import { type Attempt, readAttempts } from './attempts.ts'
import { diagnosesOf } from './diagnoses.ts'
import type { Difference } from './differences.ts'
import { environmentDifferences } from './environment-differences.ts'
import { readJudgements } from './judgements.ts'
import { type RunStanding, runAt } from './run-at.ts'
import { runCreation } from './run-creation.ts'
import { type RunOverview, runOverview } from './run-overview.ts'
import { settingsDifferences } from './settings-differences.ts'
import { type Explanation, explainRun } from './why.ts'

/** What a report tells of a run, from its log. */
export interface RunReport {
  readonly overview: RunOverview
  readonly explanation: Explanation
  readonly created: TrainingData<'run.created'>
  /** What the latest attempt began with; null before the first. */
  readonly begun: TrainingData<'run.started' | 'run.resumed'> | null
  readonly standing: RunStanding
  readonly attempts: readonly ReportedAttempt[]
  /** The scheduled evaluation that was the best, where the run has made it itself. */
  readonly best: TrainingData<'evaluation.completed'> | null
  readonly diagnoses: readonly Diagnosis[]
  /** The settings that a fork has otherwise than its parent; null where it is none, or its parent is not in the journal. */
  readonly changes: readonly Difference[] | null
}

export interface ReportedAttempt extends Attempt {
  /** What of its environment may change the last bits, compared with the attempt before; empty in the first. */
  readonly elsewhere: readonly string[]
}

/**
 * Gathers what a report tells of a run: where it stands and why, what it came to, what was wrong, what it was begun with.
 *
 * @throws ChronogradError when there is no such run
 *
 * @example
 * const { overview, explanation, best } = runReport(journal, new Store('runs'), 'emoji')
 * console.log(overview.state, explanation.sentences.join(' '), best?.metrics)
 */
export function runReport(journal: Journal, store: Store, run: string): RunReport {
  const stream = runStream(run)
  const explanation = explainRun(journal, store, run)
  const standing = runAt(journal, run)
  const attempts = readAttempts(journal, stream)
  const created = (runCreation(journal, run) as TrainingEvent<'run.created'>).data
  const latest = attempts.at(-1)
  return {
    overview: runOverview(journal, store, run),
    explanation,
    created,
    begun: latest === undefined ? null : dataOf<'run.started' | 'run.resumed'>(journal, stream, latest.version),
    standing,
    attempts: attempts.map((attempt, index) => {
      const before = attempts[index - 1]
      return {
        ...attempt,
        elsewhere: before === undefined ? [] : environmentDifferences(before.environment, attempt.environment),
      }
    }),
    best: bestEvaluation(journal, stream, attempts, standing),
    diagnoses: diagnosesOf(journal, stream),
    changes: changesOf(journal, run, created),
  }
}

function bestEvaluation(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
  { context }: RunStanding,
): RunReport['best'] {
  const { best } = context.progress
  if (best === null) return null
  const judgement = readJudgements(journal, stream, attempts, best).findLast(({ step }) => step === best.step)
  return judgement === undefined ? null : dataOf<'evaluation.completed'>(journal, stream, judgement.version)
}

function dataOf<Type extends TrainingEvent['type']>(
  journal: Journal,
  stream: string,
  version: number,
): TrainingData<Type> {
  const [event] = journal.readPage({ stream, after: version - 1 }, 1)
  return event?.data as TrainingData<Type>
}

function changesOf(journal: Journal, run: string, created: TrainingData<'run.created'>): RunReport['changes'] {
  const { parent } = created
  const known = parent === null ? undefined : runCreation(journal, parent.run)?.data
  return parent === null || known === undefined ? null : settingsDifferences({ [parent.run]: known, [run]: created })
}
