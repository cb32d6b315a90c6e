import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import { standingOf } from '../history/standing.ts'
import type { Journal } from '../journal/journal.ts'
import { isRunLocked } from '../storage/run-lock.ts'
import { runStream, type Store } from '../storage/store.ts'

/** What a list of runs tells of each. */
export interface RunOverview {
  readonly run: string
  /** The machine's state, or what only a look at the processes tells: `killed` or `forked`. */
  readonly state: string
  readonly step: number
  readonly totalSteps: number | null
  readonly epoch: number
  readonly attempts: number
  /** The run that it was forked from, and the last step that it has from there; null for a run of its own. */
  readonly parent: { readonly run: string; readonly step: number } | null
  readonly best: { readonly metric: string; readonly value: number; readonly step: number } | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly events: number
  readonly tags: readonly string[]
}

/** Sums a run up from its log. */
export function runOverview(journal: Journal, store: Store, run: string): RunOverview {
  const stream = runStream(run)
  const { snapshot, version } = journal.fold(stream, trainerMachine)
  const { plan, progress, attempt, parent } = snapshot.context
  const first = journal.readPage({ stream }, 1)[0] as TrainingEvent<'run.created'>
  const last = journal.readPage({ stream, after: version - 1 }, 1)[0] ?? first
  return {
    run,
    state: standingOf(snapshot, isRunLocked(store.runFolder(run))),
    step: progress.step,
    totalSteps: plan?.totalSteps ?? null,
    epoch: progress.epoch,
    attempts: attempt,
    parent,
    best: plan === null || progress.best === null ? null : { metric: plan.metric.name, ...progress.best },
    createdAt: first.at,
    updatedAt: last.at,
    events: version,
    tags: first.data.tags,
  }
}
