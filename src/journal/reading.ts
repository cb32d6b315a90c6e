import Database from 'better-sqlite3'
import { JournalDamagedError, type SqliteFailure } from './journal-errors.ts'

/**
 * Runs `work`, which reads from a journal's database.
 *
 * @throws JournalDamagedError where SQLite finds that a page of it is none, or the disk does not give it
 */
export function reading<Result>(database: Database.Database, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw isDamage(error) ? new JournalDamagedError(database.name, error) : error
  }
}

/** Whether SQLite found the file, or the disk that it lies on, broken. */
export function isDamage(error: unknown): error is SqliteFailure {
  return (
    error instanceof Database.SqliteError &&
    /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|CORRUPTFS|DATA)$)/.test(error.code)
  )
}
