import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describeError } from '../errors/chronograd-error.ts'
import { JournalOpenError } from './journal-errors.ts'
import { migrations } from './migrations.ts'

/** "CHRG" as a 32-bit number, in SQLite's header: what tells a journal from any other database. */
const applicationId = 0x43485247

/** How long a writer waits for another process's transaction before it gives up, in milliseconds. */
const busyTimeout = 10_000

/**
 * Opens a journal's database, creates it where there is none, and brings an older one up to date.
 *
 * WAL lets readers in other processes go on while training writes. `synchronous = NORMAL` loses nothing when the
 * process dies; facts that others rely on are synced by themselves (see `append`).
 *
 * @throws JournalOpenError when the file is missing (`readOnly`), not a journal, from a newer version, or out of reach
 */
export function openDatabase(file: string, { readOnly = false } = {}): Database.Database {
  if (readOnly && !existsSync(file)) {
    throw new JournalOpenError(file, 'does not exist; train a run first, or name another store with --store.')
  }
  let database: Database.Database | undefined
  try {
    if (!readOnly) mkdirSync(path.dirname(file), { recursive: true })
    database = new Database(file, { readonly: readOnly, timeout: busyTimeout })
    assertJournal(database, file)
    if (!readOnly) {
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = NORMAL')
      migrate(database)
    }
    assertCurrent(database, file)
    return database
  } catch (error) {
    database?.close()
    throw error instanceof JournalOpenError ? error : openingError(file, error)
  }
}

function assertJournal(database: Database.Database, file: string): void {
  const id = database.pragma('application_id', { simple: true })
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (id !== applicationId && tables !== 0) {
    throw new JournalOpenError(file, 'is an SQLite database, but not a Chronograd journal; name another store.')
  }
}

function migrate(database: Database.Database): void {
  database
    .transaction(() => {
      const had = schemaVersion(database)
      if (had >= migrations.length) return
      for (const migration of migrations.slice(had)) database.exec(migration)
      database.pragma(`application_id = ${applicationId}`)
      database.pragma(`user_version = ${migrations.length}`)
    })
    .immediate()
}

function assertCurrent(database: Database.Database, file: string): void {
  const version = schemaVersion(database)
  if (version > migrations.length) {
    throw new JournalOpenError(
      file,
      `has schema version ${version}, but this Chronograd knows versions up to ${migrations.length}; update Chronograd to open it.`,
    )
  }
  if (version < migrations.length) {
    throw new JournalOpenError(
      file,
      `has schema version ${version} and must be brought to ${migrations.length} first; open it once for writing.`,
    )
  }
}

function schemaVersion(database: Database.Database): number {
  return database.pragma('user_version', { simple: true }) as number
}

function openingError(file: string, error: unknown): JournalOpenError {
  const code = error instanceof Database.SqliteError ? error.code : (error as NodeJS.ErrnoException).code
  const options = { cause: error }
  switch (code) {
    case 'SQLITE_NOTADB':
      return new JournalOpenError(
        file,
        'is not an SQLite database; name another store, or restore it from a copy.',
        options,
      )
    case 'SQLITE_CORRUPT':
      return new JournalOpenError(file, 'is damaged; restore it from a copy.', options)
    case 'SQLITE_FULL':
      return new JournalOpenError(file, 'cannot be opened because its disk is full; make room and try again.', options)
    case 'ENOSPC':
      return new JournalOpenError(file, 'cannot be created because its disk is full; make room and try again.', options)
    case 'SQLITE_READONLY':
    case 'SQLITE_READONLY_DIRECTORY':
    case 'SQLITE_READONLY_DBMOVED':
    case 'SQLITE_CANTOPEN':
    case 'EROFS':
    case 'EACCES':
    case 'ENOTDIR':
    case 'EEXIST':
      return new JournalOpenError(
        file,
        `cannot be opened for writing (${describeError(error)}); check that its folder exists and can be written to, or name another store.`,
        options,
      )
    default:
      return new JournalOpenError(file, `cannot be opened: ${describeError(error)}.`, options)
  }
}
