import type Database from 'better-sqlite3'
import { describeError } from '../errors/chronograd-error.ts'

/**
 * What SQLite finds wrong with a database: its pages, its indices, its constraints. This reads all of it once, and the
 * indices against their tables, so it also finds what no reading of events would come across.
 *
 * @param atMost so many faults are told
 * @returns a text for each; none for a sound database
 */
export function databaseFaults(database: Database.Database, atMost = 5): string[] {
  try {
    const found = database.prepare<[], string>(`PRAGMA integrity_check(${atMost})`).pluck().all()
    return found.filter(text => text !== 'ok').flatMap(text => text.split('\n'))
  } catch (error) {
    return [describeError(error)]
  }
}
