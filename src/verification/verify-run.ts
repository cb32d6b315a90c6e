import { isDeepStrictEqual } from 'node:util'
import { trainerMachine } from '../../machines/trainer.ts'
import { type FoldResult, foldEvent, initialFold } from '../journal/fold.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream, type Store } from '../storage/store.ts'
import { checkProjection } from '../subscribers/projection-check.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'
import { checkCheckpoints } from './check-checkpoints.ts'
import { checkLineage } from './check-lineage.ts'
import { checkRecord } from './check-record.ts'
import { checkRepetitions } from './check-repetitions.ts'
import type { RunCheck } from './run-check.ts'

/**
 * Checks everything that can be checked of a run without training it again: every event's hash, version and schema;
 * its settings against their hash; of a fork, what its parent tells of where it was left; that the machine allows every event, and that the states that were stored live are
 * those that the log folds to; every step that a resumed attempt did again against what it was before; every projection
 * against a rebuild; every checkpoint file against its hash. Nothing is changed.
 *
 * The log is read once for its hashes, once for its states and once by each subscriber, a page at a time; of the
 * repetitions, what was repeated is read. Memory does not grow with the log.
 *
 * @example
 * for await (const { ok, subject, message } of verifyRun(journal, store, 'demo', [metricsSubscriber])) {
 *   if (!ok) console.error(subject, message)
 * }
 */
export async function* verifyRun(
  journal: Journal,
  store: Store,
  run: string,
  subscribers: readonly Subscriber[],
): AsyncGenerator<RunCheck> {
  const stream = runStream(run)
  if (!(yield* checkDatabase(journal))) return
  if (!(yield* checkArchive(journal, stream))) return
  yield* checkPositions(journal)
  const sound = yield* checkLog(journal, stream)
  // Whatever follows from the log says nothing while the log itself is damaged.
  if (!sound) return
  yield* checkRecord(journal, stream)
  yield* checkLineage(journal, stream)
  const { snapshot } = yield* checkStates(journal, stream)
  yield* checkRepetitions(journal, stream)
  const ended = snapshot.hasTag('ended')
  for (const subscriber of subscribers) {
    const { status, message } = checkProjection(journal, subscriber, stream)
    // A process that was killed may leave one behind, or not begun: what there is of it is right, and a resume goes on.
    const ok = status === 'equal' || status === 'behind' || (status === 'absent' && !ended)
    const told = status === 'behind' ? `equal to a rebuild as far as it goes; ${message}` : message
    yield { check: 'projection', subject: subscriber.name, ok, message: told || 'equal to a rebuild' }
  }
  yield* checkCheckpoints(journal, store, snapshot.context)
}

/** Damage of the file may lie where no event of this run is read, and may still swallow the next that is appended. */
function* checkDatabase(journal: Journal): Generator<RunCheck, boolean> {
  const faults = journal.databaseFaults()
  for (const message of faults) yield { check: 'database', subject: journal.path, ok: false, message }
  return faults.length === 0
}

/** What was archived of the run is a part of its log, which is read whole below. */
function* checkArchive(journal: Journal, stream: string): Generator<RunCheck, boolean> {
  const chunks = journal.archivedChunks(stream)
  if (chunks.length === 0) return true
  const faults = journal.archiveFaults(stream)
  for (const message of faults) yield { check: 'archive', subject: stream, ok: false, message }
  if (faults.length > 0) return false
  const events = chunks.reduce((sum, chunk) => sum + chunk.events, 0)
  const message = `of the events ${events} lie in archived files (${chunks.length}), each with its hash`
  yield { check: 'archive', subject: stream, ok: true, message }
  return true
}

/** Events that were cut off at a run's end leave no trace in its own log, but their positions are missing in the journal. */
function* checkPositions(journal: Journal): Generator<RunCheck> {
  for (const { first, last } of journal.gaps()) {
    const subject = first === last ? `position ${first}` : `positions ${first} to ${last}`
    yield {
      check: 'log',
      subject,
      ok: false,
      message: 'events of this run or of another were removed from the journal',
    }
  }
}

function* checkLog(journal: Journal, stream: string): Generator<RunCheck, boolean> {
  let sound = true
  for (const { version, type, message } of journal.verify(stream)) {
    sound = false
    yield { check: 'log', subject: `event ${version} (${type})`, ok: false, message }
  }
  if (sound) {
    const message = `${journal.streamVersion(stream)} events, hash chain, versions and schemas whole`
    yield { check: 'log', subject: stream, ok: true, message }
  }
  return sound
}

/** One pass over the log: the folded state at every version of which a live state was stored is compared with it. */
function* checkStates(journal: Journal, stream: string): Generator<RunCheck, FoldResult<typeof trainerMachine>> {
  const stored = journal.snapshots(stream, trainerMachine)
  let live = stored.next().value
  let compared = 0
  let last = 0
  let differing: number | undefined
  let state = initialFold(trainerMachine)
  for (const event of journal.read({ stream })) {
    state = foldEvent(trainerMachine, state, event)
    if (live?.version !== state.version) continue
    if (!isSameState(live, state)) differing ??= state.version
    compared++
    last = live.version
    live = stored.next().value
  }
  if (differing !== undefined) {
    const message = 'the state that was stored live is not the one that the log folds to'
    yield { check: 'states', subject: `event ${differing}`, ok: false, message }
    return state
  }
  const { refused, snapshot, version } = state
  const legal = refused.length === 0
  const told =
    compared === 0
      ? 'no live state was stored'
      : `of ${compared} states that were stored live, the last at event ${last} of ${version}, each is the folded one`
  yield {
    check: 'states',
    subject: 'machine',
    ok: legal,
    message: legal
      ? `every event is legal; ${told}; the run is ${snapshot.value}`
      : `the trainer machine refuses the events ${refused.slice(0, 10).join(', ')}`,
  }
  return state
}

function isSameState(one: FoldResult<typeof trainerMachine>, other: FoldResult<typeof trainerMachine>): boolean {
  return one.snapshot.value === other.snapshot.value && isDeepStrictEqual(one.snapshot.context, other.snapshot.context)
}
