import type Database from 'better-sqlite3'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { NewEvent, RecordedEvent } from '../events/recorded-event.ts'
import type { ConsequentFact, Subscriber, SubscriberContext } from './subscriber.ts'

/** A subscriber's `handle` did not finish at once, so its rows could not be committed with its cursor. */
export class AsynchronousHandlerError extends ChronogradError {
  constructor(subscriber: string) {
    super(
      `The subscriber ${subscriber} returned a promise from handle; make it synchronous, and do what takes time in a listener of journal.events$.`,
    )
  }
}

/**
 * Hands events to a subscriber with a context over one database. `append` says what becomes of the facts that it
 * draws from them; a rebuild into scratch tables lets them go.
 */
export function eventHandler(
  subscriber: Subscriber,
  database: Database.Database,
  append: (stream: string, event: NewEvent) => void,
): (event: RecordedEvent) => void {
  const statements = new Map<string, Database.Statement<unknown[]>>()

  const statement = (sql: string): Database.Statement<unknown[]> => {
    let prepared = statements.get(sql)
    if (prepared === undefined) {
      prepared = database.prepare<unknown[]>(sql)
      statements.set(sql, prepared)
    }
    return prepared
  }

  return event => {
    const context: SubscriberContext = {
      statement,
      append: (fact: ConsequentFact, key: string) =>
        append(event.stream, {
          type: fact.type,
          data: fact.data,
          id: `${subscriber.name}/${event.id}/${key}`,
          meta: { ...event.meta, causation: event.id },
        }),
    }
    const returned: unknown = subscriber.handle(event, context)
    if (returned instanceof Promise) {
      returned.catch(() => {})
      throw new AsynchronousHandlerError(subscriber.name)
    }
  }
}
