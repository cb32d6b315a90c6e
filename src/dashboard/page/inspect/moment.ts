import type { Inspected, Told, ToldActor, ToldEvent, ToldSnapshot } from './told.ts'

/** Every actor as it was after a message. */
export interface Moment {
  readonly actors: readonly ToldActor[]
  /** The last snapshot of each actor. */
  readonly snapshots: ReadonlyMap<string, ToldSnapshot>
  /** And the one before it. */
  readonly before: ReadonlyMap<string, ToldSnapshot>
}

/** @param number of the message; null for now */
export function momentAt({ kept }: Inspected, number: number | null): Moment {
  const until = number ?? Number.POSITIVE_INFINITY
  const snapshots = new Map<string, ToldSnapshot>()
  const before = new Map<string, ToldSnapshot>()
  const take = (told: Told) => {
    if (told.kind !== '@xstate.snapshot') return
    const last = snapshots.get(told.sessionId)
    if (last !== undefined) before.set(told.sessionId, last)
    snapshots.set(told.sessionId, told)
  }
  for (const told of kept.earlier.values()) take(told)
  for (const told of kept.newest) {
    if (told.number > until) break
    take(told)
  }
  const actors = [...kept.registrations].filter(
    (told): told is ToldActor => told.kind === '@xstate.actor' && told.number <= until,
  )
  return { actors, snapshots, before }
}

/**
 * The message after which an event has been handled: the actor's next snapshot that tells of it. The event itself where
 * there is none, for then it has not been handled yet.
 */
export function handledAt({ kept }: Inspected, { number, sessionId, message }: ToldEvent): number {
  const handled = kept
    .since(number)
    .find(
      told =>
        told.kind === '@xstate.snapshot' &&
        told.sessionId === sessionId &&
        told.message.event.type === message.event.type,
    )
  return handled?.number ?? number
}
