import type { RecordedEvent } from '../../src/events/recorded-event.ts'
import type { Journal } from '../../src/journal/journal.ts'
import type { Subscriber } from '../../src/subscribers/subscriber.ts'

/**
 * A subscriber that writes down every event that it handles, and would write it down twice if it handled it twice.
 *
 * @param options `before` is called before an event is written down, and may throw
 */
export function tally({
  name = 'tally',
  revision = 1,
  types,
  before = () => {},
}: {
  name?: string
  revision?: number
  types?: readonly string[]
  before?: (event: RecordedEvent) => void
} = {}): Subscriber {
  const table = name.replaceAll('-', '_')
  return {
    name,
    revision,
    tables: { [table]: 'version INTEGER NOT NULL, position INTEGER NOT NULL' },
    ...(types && { types }),
    handle(event, { statement }) {
      before(event)
      statement(`INSERT INTO ${table} VALUES (?, ?, ?)`).run(event.stream, event.version, event.position)
    },
  }
}

/** The versions that a tally has written down of a stream, in the order in which it did. */
export function tallied(journal: Journal, stream: string, table = 'tally'): number[] {
  return journal.query(database =>
    database
      .prepare<[string], number>(`SELECT version FROM ${table} WHERE stream = ? ORDER BY rowid`)
      .pluck()
      .all(stream),
  )
}

/** 1, 2, 3 … to `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
