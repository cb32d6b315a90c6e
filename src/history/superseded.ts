import type { RecordedEvent } from '../events/recorded-event.ts'
import type { Attempt } from './attempts.ts'

/**
 * The attempt that went on from before an event's step, so that the event is no longer part of the run's course; the
 * first one, where several did. Undefined for what still holds: also for facts of no step, such as `run.created`.
 *
 * @param attempts those of the event's run
 */
export function supersededBy(event: RecordedEvent, attempts: readonly Attempt[]): number | undefined {
  const step = stepOf(event)
  if (step === undefined) return undefined
  const own = attemptOf(event, attempts)
  return attempts.find(later => later.attempt > own && later.step < step)?.attempt
}

/** The attempt that an event belongs to: 1 also before the first has begun. */
export function attemptOf({ meta, version }: RecordedEvent, attempts: readonly Attempt[]): number {
  // A diagnosis may come when the next attempt has begun already; what it says of itself goes first.
  return meta.attempt ?? attempts.findLast(attempt => attempt.version <= version)?.attempt ?? 1
}

/** The step that an event belongs to. An epoch begins with its first step, although it tells the one before. */
function stepOf({ type, data }: RecordedEvent): number | undefined {
  if (typeof data !== 'object' || data === null || !('step' in data) || typeof data.step !== 'number') return undefined
  return type === 'epoch.started' ? data.step + 1 : data.step
}
