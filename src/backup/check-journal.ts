import Database from 'better-sqlite3'
import { describeError } from '../errors/chronograd-error.ts'
import type { Journal } from '../journal/journal.ts'

/** So many faults are told at most: one is enough to refuse, and a few show what kind it is. */
const toldAtMost = 5

/**
 * What SQLite finds wrong with a database file: its pages, its indices, its constraints. It must be whole for anything
 * in it to be believed.
 *
 * @returns a text for each fault, the first few only
 */
export function databaseFaults(file: string): string[] {
  let database: Database.Database | undefined
  try {
    database = new Database(file, { readonly: true })
    const found = database.prepare<[], string>(`PRAGMA integrity_check(${toldAtMost})`).pluck().all()
    return found.filter(line => line !== 'ok').flatMap(lines => lines.split('\n'))
  } catch (error) {
    return [describeError(error)]
  } finally {
    database?.close()
  }
}

/**
 * What is not as it was written in any stream of a journal: the hash chains, versions, positions and schemas.
 *
 * @returns a text for each fault, the first few only
 */
export function journalFaults(journal: Journal): string[] {
  const faults = journal.gaps().map(({ first, last }) => `the events at positions ${first} to ${last} are missing`)
  for (const { stream } of journal.streams()) {
    for (const { version, type, message } of journal.verify(stream)) {
      if (faults.length >= toldAtMost) return faults
      faults.push(`event ${version} (${type}) of ${stream}: ${message}`)
    }
  }
  return faults.slice(0, toldAtMost)
}
