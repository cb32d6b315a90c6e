import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { trainerMachine } from '../../machines/trainer.ts'
import { describeError } from '../errors/chronograd-error.ts'
import { type FoldResult, foldEvent, initialFold } from '../journal/fold.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream, type Store } from '../storage/store.ts'
import { checkProjection } from '../subscribers/projection-check.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'

/** One thing that was checked of a run. */
export interface RunCheck {
  readonly check: 'log' | 'states' | 'projection' | 'checkpoint'
  /** What exactly was looked at. */
  readonly subject: string
  readonly ok: boolean
  /** What was found, in a sentence. */
  readonly message: string
}

/**
 * Checks everything that can be checked of a run without training it again: every event's hash, version and schema;
 * that the machine allows every event, and that the states that were stored live are those that the log folds to;
 * every projection against a rebuild; every checkpoint file against its hash. Nothing is changed.
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
  yield* checkPositions(journal)
  const sound = yield* checkLog(journal, stream)
  // Whatever follows from the log says nothing while the log itself is damaged.
  if (!sound) return
  yield* checkStates(journal, stream)
  const ended = journal.fold(stream, trainerMachine).snapshot.hasTag('ended')
  for (const subscriber of subscribers) {
    const { status, message } = checkProjection(journal, subscriber, stream)
    // A process that was killed may leave one behind, or not begun: what there is of it is right, and a resume goes on.
    const ok = status === 'equal' || status === 'behind' || (status === 'absent' && !ended)
    const told = status === 'behind' ? `equal to a rebuild as far as it goes; ${message}` : message
    yield { check: 'projection', subject: subscriber.name, ok, message: told || 'equal to a rebuild' }
  }
  yield* checkCheckpoints(journal, store, stream)
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
function* checkStates(journal: Journal, stream: string): Generator<RunCheck> {
  const stored = journal.snapshots(stream, trainerMachine)
  let live = stored.next().value
  let compared = 0
  let last = 0
  let state = initialFold(trainerMachine)
  for (const event of journal.read({ stream })) {
    state = foldEvent(trainerMachine, state, event)
    if (live?.version !== state.version) continue
    if (!isSameState(live, state)) {
      const message = 'the state that was stored live is not the one that the log folds to'
      yield { check: 'states', subject: `event ${state.version}`, ok: false, message }
      return
    }
    compared++
    last = live.version
    live = stored.next().value
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
}

function isSameState(one: FoldResult<typeof trainerMachine>, other: FoldResult<typeof trainerMachine>): boolean {
  return one.snapshot.value === other.snapshot.value && isDeepStrictEqual(one.snapshot.context, other.snapshot.context)
}

async function* checkCheckpoints(journal: Journal, store: Store, stream: string): AsyncGenerator<RunCheck> {
  const { checkpoints } = journal.fold(stream, trainerMachine).snapshot.context
  for (const [subject, { uri, sha256 }] of Object.entries(checkpoints)) {
    if (uri === null) continue
    const file = store.resolve(uri)
    if (file === undefined) {
      yield { check: 'checkpoint', subject, ok: false, message: `its name ${uri} leads out of the store` }
      continue
    }
    try {
      const found = await sha256Of(file)
      const ok = found === sha256
      yield {
        check: 'checkpoint',
        subject,
        ok,
        message: ok ? `SHA-256 ${found.slice(0, 12)}… as logged` : `SHA-256 is ${found}, the log says ${sha256}`,
      }
    } catch (error) {
      yield { check: 'checkpoint', subject, ok: false, message: describeError(error) }
    }
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
