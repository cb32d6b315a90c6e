import type Database from 'better-sqlite3'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'

/** A fact that a subscriber appends because of an event. */
export interface ConsequentFact {
  readonly type: string
  readonly data: unknown
}

/** What a subscriber may use while it handles an event: all of it belongs to one transaction. */
export interface SubscriberContext {
  /** A statement on the journal's database, prepared once. */
  statement(sql: string): Database.Statement<unknown[]>
  /**
   * Appends a fact that follows from the event to the event's stream. It happens once, however often the event is
   * handled again, also by a later revision that would put it otherwise: its id is made from the subscriber, the event
   * and `key`.
   */
  append(fact: ConsequentFact, key: string): void
  /**
   * What is kept open over many events instead of being read and written for each: `open` is called with the first one
   * that asks, `save` before the rows are committed, and whatever comes after begins anew. When a batch of events is
   * undone, what was held for it is forgotten.
   *
   * @param key tells apart what one function opens, such as the streams
   */
  hold<Kept extends Held>(open: OpenHeld<Kept>, key: string): Kept
}

/** Rows that are worked on in memory until a batch of events is committed. */
export interface Held {
  /** Writes them. */
  save(): void
}

/** Reads what is to be held. */
export type OpenHeld<Kept extends Held> = (key: string, context: Pick<SubscriberContext, 'statement'>) => Kept

/**
 * Something that follows a journal on its own: it handles every event once, in order, and keeps what it makes of them
 * in tables of its own. Its rows and its cursor are committed together, so that a crash neither loses nor doubles one.
 *
 * @example
 * const longestStep: Subscriber = {
 *   name: 'longest-step',
 *   revision: 1,
 *   tables: { longest_step: 'milliseconds REAL NOT NULL, PRIMARY KEY (stream)' },
 *   types: ['step.completed'],
 *   handle(event, { statement }) {
 *     if (!isTrainingEvent(event) || event.type !== 'step.completed') return
 *     statement(
 *       `INSERT INTO longest_step (stream, milliseconds) VALUES (?, ?)
 *        ON CONFLICT DO UPDATE SET milliseconds = max(milliseconds, excluded.milliseconds)`,
 *     ).run(event.stream, event.data.durationMs)
 *   },
 * }
 */
export interface Subscriber {
  /** Unique among the subscribers of a journal: lower-case words joined by hyphens. */
  readonly name: string
  /** Raise it when the tables or their meaning change: everything is then built anew from the log. */
  readonly revision: number
  /**
   * Its tables: name → column definitions. Each gets a leading column `stream TEXT NOT NULL`, which says whose rows
   * they are. Names begin with the subscriber's, in snake case.
   */
  readonly tables?: Readonly<Record<string, string>>
  /** The types of event it wants; all unless given. */
  readonly types?: readonly string[]
  /** Handles one event, synchronously. Whatever it throws rolls the event back. */
  handle(event: RecordedEvent, context: SubscriberContext): void
}

/** A subscriber is not put together as it must be. */
export class InvalidSubscriberError extends ChronogradError {}

/** The journal's own tables, which no subscriber may have. */
const reservedTables: readonly string[] = ['events', 'snapshots', 'cursors']

/** @throws InvalidSubscriberError */
export function assertSubscriber({ name, tables = {} }: Subscriber): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new InvalidSubscriberError(
      `A subscriber cannot be called "${name}"; use lower-case words joined by hyphens, such as "longest-step".`,
    )
  }
  const prefix = name.replaceAll('-', '_')
  for (const table of Object.keys(tables)) {
    if (reservedTables.includes(table)) {
      throw new InvalidSubscriberError(`The subscriber ${name} cannot have the journal's own table "${table}".`)
    }
    if (table === prefix || (table.startsWith(`${prefix}_`) && /^[a-z0-9_]+$/.test(table))) continue
    throw new InvalidSubscriberError(
      `The subscriber ${name} cannot have a table "${table}"; its tables begin with "${prefix}".`,
    )
  }
}

/**
 * Checks subscribers that are to follow one journal together.
 *
 * @throws InvalidSubscriberError when one is wrong, or two share a name or a table
 */
export function assertSubscribers(subscribers: readonly Subscriber[]): void {
  const names = new Set<string>()
  const owners = new Map<string, string>()
  for (const subscriber of subscribers) {
    assertSubscriber(subscriber)
    const { name, tables = {} } = subscriber
    if (names.has(name)) {
      throw new InvalidSubscriberError(`There are two subscribers called "${name}"; give one of them another name.`)
    }
    names.add(name)
    for (const table of Object.keys(tables)) {
      const owner = owners.get(table)
      if (owner !== undefined) {
        throw new InvalidSubscriberError(`The subscribers ${owner} and ${name} share a table "${table}"; rename one.`)
      }
      owners.set(table, name)
    }
  }
}
