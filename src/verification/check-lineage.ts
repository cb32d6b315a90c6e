import { isDeepStrictEqual } from 'node:util'
import { trainerMachine } from '../../machines/trainer.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { isTrainingEvent, type TrainingData, type TrainingEvent } from '../events/training-events.ts'
import { readAttempts } from '../history/attempts.ts'
import { environmentDifferences } from '../history/environment-differences.ts'
import { savingOf } from '../history/saving-of.ts'
import { foldEvent } from '../journal/fold.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import type { RunCheck } from './run-check.ts'

type Lineage = NonNullable<TrainingData<'run.created'>['parent']>

/**
 * Whether a fork's parent tells the same of where it was left: that it did that step, had come as far, and, where it saved a
 * checkpoint there, saved this one. Of a run that is no fork there is nothing to check.
 */
export function* checkLineage(journal: Journal, stream: string): Generator<RunCheck> {
  const [created] = journal.readPage({ stream, types: ['run.created'] }, 1) as TrainingEvent<'run.created'>[]
  const lineage = created?.data.parent
  if (created === undefined || lineage == null) return
  const subject = `step ${lineage.step} of ${lineage.run}`
  try {
    yield { check: 'lineage', subject, ...judge(journal, created, lineage) }
  } catch (error) {
    if (!(error instanceof ChronogradError)) throw error
    yield { check: 'lineage', subject, ok: false, message: `the parent's log cannot be read: ${error.message}` }
  }
}

function judge(
  journal: Journal,
  { position, data: { environment } }: TrainingEvent<'run.created'>,
  lineage: Lineage,
): Pick<RunCheck, 'ok' | 'message'> {
  const stream = runStream(lineage.run)
  const { version, step, progress, sha256 } = lineage
  if (journal.streamVersion(stream) === 0) {
    return { ok: true, message: 'its parent is not in this store, so there is nothing to compare it with' }
  }
  const [completed] = journal.readPage({ stream, after: version - 1 }, 1)
  if (completed?.version !== version || !isStep(completed, step) || completed.position > position) {
    return { ok: false, message: `its parent did not do this step in event ${version} before it was forked` }
  }
  const { reached, saved } = afterStep(journal, stream, { version, step })
  if (!reached.some(each => isDeepStrictEqual({ ...each, capturedAt: step }, progress))) {
    return { ok: false, message: `its parent had not come as far after event ${version} as it says` }
  }
  if (saved.some(({ data }) => data.sha256 === sha256)) {
    return { ok: true, message: `its parent did it in event ${version}, and saved this checkpoint` }
  }
  // One that was saved before the step was evaluated is another than one that was made after.
  const other = saved.find(({ data: { metric } }) => Object.is(metric?.value ?? null, lineage.metric))
  const attempt = readAttempts(journal, stream).findLast(each => each.version <= (other?.version ?? 0))
  if (
    other !== undefined &&
    attempt !== undefined &&
    environmentDifferences(attempt.environment, environment).length === 0
  ) {
    const { data } = other
    return { ok: false, message: `the SHA-256 of its checkpoint is ${sha256}, but its parent saved ${data.sha256}` }
  }
  return { ok: true, message: `its parent did it in event ${version}, and the checkpoint was made for the fork` }
}

/** How far a run had come with the event that completed a step and each that followed it, and what it saved of that. */
function afterStep(journal: Journal, stream: string, { version, step }: Pick<Lineage, 'version' | 'step'>) {
  let state = journal.fold(stream, trainerMachine, { until: version })
  const reached = [state.snapshot.context.progress]
  const saved: TrainingEvent<'checkpoint.saved'>[] = []
  const head = journal.streamVersion(stream)
  for (const event of journal.read({ stream, after: version })) {
    state = foldEvent(trainerMachine, state, event)
    if (!isTrainingEvent(event)) continue
    if (event.type === 'step.completed' || event.type === 'step.skipped') break
    // An attempt may have gone on from this very step, with what was left to do after it.
    if (event.type === 'run.resumed' && event.data.step !== step) break
    reached.push(state.snapshot.context.progress)
    const saving = event.type === 'checkpoint.captured' ? savingOf(journal, event, head) : undefined
    if (saving !== undefined) saved.push(saving)
  }
  return { reached, saved }
}

function isStep(event: { type: string; data: unknown }, step: number): boolean {
  const isDone = event.type === 'step.completed' || event.type === 'step.skipped'
  return isDone && (event.data as { step: number }).step === step
}
