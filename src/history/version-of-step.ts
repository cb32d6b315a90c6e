import { ChronogradError } from '../errors/chronograd-error.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { counted } from './account.ts'
import type { Attempt } from './attempts.ts'
import { firstFrom, lastOf, stepTypes } from './find-step.ts'
import { attemptOf } from './superseded.ts'

/** A moment of a run: after a step, at the end of an attempt, or after an event; now, where nothing is given. */
export interface RunMoment {
  /** That of the moment's last event; step and attempt count for nothing then. */
  readonly version?: number | undefined
  readonly step?: number | undefined
  readonly attempt?: number | undefined
}

/** A run was asked for as it stood at a moment that it never had. */
export class NoSuchMomentError extends ChronogradError {}

/** The part of a log that belongs to an attempt; what comes before the first has begun belongs to it. */
type Part = Pick<Attempt, 'attempt' | 'version' | 'lastVersion' | 'step'>

/**
 * The version of the last event that belongs to a moment of a run. What follows a step before the next one begins is its
 * own. Of several attempts that did the step the last is meant, unless one is named: then also what a later one has done
 * again counts, and what is told late of another does not.
 *
 * @param attempts those of the run
 * @throws NoSuchMomentError when there is no such step, attempt or event
 */
export function versionOf(
  journal: Journal,
  run: string,
  attempts: readonly Attempt[],
  { version, step, attempt }: RunMoment,
): number {
  const stream = runStream(run)
  if (version !== undefined) return existing(version, journal.streamVersion(stream), run)
  const parts = partsOf(attempts, journal.streamVersion(stream))
  const meant = attempt === undefined ? parts : parts.filter(part => part.attempt === attempt)
  const last = meant.at(-1)
  if (last === undefined) {
    const there = counted(parts.at(-1)?.attempt ?? 0, 'attempt')
    throw new NoSuchMomentError(`The run ${run} has ${there}, so there is no attempt ${attempt}.`)
  }
  if (step === undefined) return last.lastVersion
  const isMeant = (event: RecordedEvent) => attempt === undefined || attemptOf(event, attempts) === attempt
  for (const part of meant.toReversed()) {
    const version = lastOfStep(journal, stream, part, step, isMeant)
    if (version !== undefined) return version
  }
  const who = attempt === undefined ? `The run ${run}` : `Attempt ${attempt} of the run ${run}`
  const reached = lastOf(journal, stream, last, stepTypes)?.data.step ?? last.step
  throw new NoSuchMomentError(`${who} has no step ${step}; it has come to step ${reached}.`)
}

function existing(version: number, head: number, run: string): number {
  if (version >= 1 && version <= head) return version
  throw new NoSuchMomentError(
    `The log of the run ${run} has the events 1 to ${head}, so there is no moment ${version}.`,
  )
}

function partsOf(attempts: readonly Attempt[], head: number): readonly Part[] {
  const [first, ...others] = attempts
  if (first === undefined) return [{ attempt: 1, version: 0, lastVersion: head, step: 0 }]
  return [{ ...first, version: 0 }, ...others]
}

/** The version of the last event within a part that belongs to a step; undefined where the part has no such step. */
function lastOfStep(
  journal: Journal,
  stream: string,
  part: Part,
  step: number,
  isMeant: (event: RecordedEvent) => boolean,
): number | undefined {
  if (step < part.step) return undefined
  const next = firstFrom(journal, stream, part, step + 1, stepTypes)
  const until = next === undefined ? part.lastVersion : next.version - 1
  const own = lastOf(journal, stream, { version: part.version, lastVersion: until }, stepTypes)
  if ((own?.data.step ?? part.step) !== step) return undefined
  const after = own?.version ?? part.version
  for (const event of journal.read({ stream, after, until, backwards: true }) as Iterable<TrainingEvent>) {
    // An epoch begins with its first step, although it tells the one before.
    const isOfNext = event.type === 'epoch.started' && step > 0 && event.data.step === step
    if (!isOfNext && isMeant(event)) return event.version
  }
  return after
}
