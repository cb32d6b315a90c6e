import { diagnosedTypes, diagnoseRun } from '../diagnostics/diagnose-run.ts'
import type { Diagnosis } from '../diagnostics/diagnosis.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { diagnosedSoFar } from '../subscribers/diagnostics.ts'

/**
 * The faults that the detectors find in a run, as its log tells it now. The diagnostics subscriber has them at hand as far
 * as it has come; only what was appended since is shown to the detectors.
 */
export function diagnosesOf(journal: Journal, stream: string): Diagnosis[] {
  const known = journal.query(database => diagnosedSoFar(database, stream))
  const events = journal.read({ stream, types: diagnosedTypes, after: known?.version ?? 0 })
  return diagnoseRun(events as Iterable<TrainingEvent>, known)
}
