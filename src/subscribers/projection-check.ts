import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import type { Journal } from '../journal/journal.ts'
import { CursorStore } from './cursor-store.ts'
import { EventHandler } from './event-handler.ts'
import { createTables, tableRows } from './projection-tables.ts'
import type { Subscriber } from './subscriber.ts'

/** How a subscriber's stored rows compare with those that a rebuild gives. */
export interface ProjectionCheck {
  readonly subscriber: string
  readonly status: 'equal' | 'different' | 'parked' | 'behind' | 'absent'
  /** What is wrong, in a sentence; empty when equal. */
  readonly message: string
}

/**
 * Builds a subscriber's projection of one stream again, aside, and compares it row by row with the stored one. The
 * journal is only read.
 */
export function checkProjection(journal: Journal, subscriber: Subscriber, stream: string): ProjectionCheck {
  const told = (status: ProjectionCheck['status'], message = '') => ({ subscriber: subscriber.name, status, message })
  const stored = journal.query(database => new CursorStore(database, subscriber.name, stream).read())
  if (stored === undefined) return told('absent', 'it has never followed this run')
  if (stored.status === 'parked') {
    return told('parked', `it was parked at position ${stored.failed_at}: ${stored.error}`)
  }
  if (stored.revision !== subscriber.revision) {
    return told('different', `it was built by revision ${stored.revision}, and this is revision ${subscriber.revision}`)
  }
  // In a file of SQLite's own, which is gone with the connection: the rows of a long run need not fit into memory.
  const scratch = new Database('')
  try {
    scratch.pragma('journal_mode = OFF')
    createTables(scratch, subscriber)
    const handler = new EventHandler(subscriber, scratch)
    const { types } = subscriber
    scratch.transaction(() =>
      handler.handle(journal.read({ stream, until: stored.cursor, ...(types ? { types } : {}) })),
    )()
    for (const table of Object.keys(subscriber.tables ?? {})) {
      const difference = journal.query(database => firstDifference(database, scratch, table, stream))
      if (difference !== undefined) return told('different', difference)
    }
  } finally {
    scratch.close()
  }
  const missing = journal.streamVersion(stream) - stored.cursor
  return missing > 0 ? told('behind', `${missing} events are still to be handled`) : told('equal')
}

function firstDifference(
  stored: Database.Database,
  rebuilt: Database.Database,
  table: string,
  stream: string,
): string | undefined {
  const expected = tableRows(rebuilt, table, stream)
  const actual = tableRows(stored, table, stream)
  for (let row = 1; ; row++) {
    const one = expected.next()
    const other = actual.next()
    if (one.done === true && other.done === true) return undefined
    const [should, is] = [rowText(one.value), rowText(other.value)]
    if (one.done !== other.done || should !== is) {
      expected.return?.()
      actual.return?.()
      return `row ${row} of ${table} is ${is ?? 'missing'} but a rebuild gives ${should ?? 'no such row'}`
    }
  }
}

/** A row as text that differs where the rows do; of bytes it tells how many they are and their hash. */
function rowText(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined
  const told = Object.entries(row).map(([column, value]) => [
    column,
    Buffer.isBuffer(value)
      ? `${value.length} bytes, SHA-256 ${createHash('sha256').update(value).digest('hex')}`
      : value,
  ])
  return JSON.stringify(Object.fromEntries(told))
}
