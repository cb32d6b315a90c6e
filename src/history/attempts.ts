import type { Plan } from '../../machines/trainer-context.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Environment } from './environment-differences.ts'

/** One attempt at a run, as its log tells it: from the event that began it to the last one before the next attempt. */
export interface Attempt {
  /** 1 at first, and one more after each resume. */
  readonly attempt: number
  /** The version of the event that began it, `run.started` or `run.resumed`. */
  readonly version: number
  /** The version of its last event. */
  readonly lastVersion: number
  /** The step that it went on after. */
  readonly step: number
  /** The checkpoint that it went on from, in a fork also the parent's; null where it began at the first step. */
  readonly checkpoint: string | null
  readonly plan: Plan
  readonly environment: Environment
}

/** An attempt, and how far it is still valid: later attempts went on from before its end. */
export interface TimelinePart extends Attempt {
  /** The last step of it that no later attempt did again; unlimited for the last attempt. */
  readonly until: number
}

/** The attempts at a run that have begun, in order. */
export function readAttempts(journal: Journal, stream: string): Attempt[] {
  const attempts: Attempt[] = []
  const types = ['run.created', 'run.started', 'run.resumed']
  let created: TrainingEvent<'run.created'>['data'] | undefined
  let head = journal.streamVersion(stream)
  const events = [...journal.read({ stream, types, until: head })] as TrainingEvent<
    'run.created' | 'run.started' | 'run.resumed'
  >[]
  for (const { type, data } of events) if (type === 'run.created') created = data
  for (const { type, version, data } of events.reverse()) {
    if (type === 'run.created' || created === undefined) continue
    const { attempt, plan } = data
    const { parent } = created
    const { step, checkpoint, environment } =
      type === 'run.resumed'
        ? data
        : { step: parent?.step ?? 0, checkpoint: parent?.checkpoint ?? null, environment: created.environment }
    attempts.unshift({ attempt, version, lastVersion: head, step, checkpoint, plan, environment })
    head = version - 1
  }
  return attempts
}

/**
 * What of a run's attempts makes up its course: each attempt that is not wholly superseded, up to where a later one went
 * on. One begins at the step that the one before is valid until.
 */
export function timelineOf(attempts: readonly Attempt[]): TimelinePart[] {
  const parts: TimelinePart[] = []
  let until = Number.POSITIVE_INFINITY
  for (const attempt of attempts.toReversed()) {
    if (attempt.step >= until) continue
    parts.unshift({ ...attempt, until })
    until = attempt.step
  }
  return parts
}
