import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describeError } from '../errors/chronograd-error.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { keepCopy } from './copy-before-migration.ts'
import { JournalOpenError } from './journal-errors.ts'
import { migrations } from './migrations.ts'
import { busyTimeout } from './write-lock.ts'

/** "CHRG" as a 32-bit number, in SQLite's header: what tells a journal from any other database. */
const applicationId = 0x43485247

/**
 * Pages in the WAL before they are moved to the main file, which waits for the disk: 16 MB. SQLite's own 1,000 come
 * every few hundred steps and made single appends 40 % slower.
 */
const checkpointPages = 4_000

/**
 * Opens a journal's database, creates it where there is none, and brings an older one up to date, of which a copy is
 * kept beside it first.
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
    if (!readOnly) {
      mkdirSync(path.dirname(file), { recursive: true })
      assertWritable(file)
    }
    database = new Database(file, { readonly: readOnly, timeout: busyTimeout })
    assertJournal(database, file)
    // Before anything is changed: a newer journal is left exactly as it is.
    assertNotNewer(database, file)
    if (!readOnly) {
      turnToWal(database)
      database.pragma('synchronous = NORMAL')
      database.pragma(`wal_autocheckpoint = ${checkpointPages}`)
      migrate(database, file)
    }
    assertCurrent(database, file)
    return database
  } catch (error) {
    database?.close()
    throw error instanceof JournalOpenError ? error : openingError(file, error, readOnly)
  }
}

/**
 * SQLite does not wait for others when it changes the journal mode, as two processes that create one journal at the
 * same moment find out; so this waits.
 */
function turnToWal(database: Database.Database): void {
  const pause = 10
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; ; waited += pause) {
    try {
      database.pragma('journal_mode = WAL')
      return
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!busy || waited >= busyTimeout) throw error
      Atomics.wait(clock, 0, 0, pause)
    }
  }
}

function assertJournal(database: Database.Database, file: string): void {
  // Both at one moment: another process may be making the journal just now.
  const { id, tables } = database.transaction(() => ({
    id: database.pragma('application_id', { simple: true }),
    tables: database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get(),
  }))()
  if (id !== applicationId && tables !== 0) {
    throw new JournalOpenError(file, 'is an SQLite database, but not a Chronograd journal; name another store.')
  }
}

function migrate(database: Database.Database, file: string): void {
  database
    .transaction(() => {
      const had = schemaVersion(database)
      if (had >= migrations.length) return
      if (had > 0 && hasEvents(database)) keepCopy(file, had)
      for (const migration of migrations.slice(had)) database.exec(migration)
      faultPoint('journal.migrating')
      database.pragma(`application_id = ${applicationId}`)
      database.pragma(`user_version = ${migrations.length}`)
    })
    .immediate()
}

function hasEvents(database: Database.Database): boolean {
  return database.prepare('SELECT 1 FROM events LIMIT 1').get() !== undefined
}

function assertNotNewer(database: Database.Database, file: string): void {
  const version = schemaVersion(database)
  if (version <= migrations.length) return
  throw new JournalOpenError(
    file,
    `has schema version ${version}, but this Chronograd knows versions up to ${migrations.length}; update Chronograd to open it.`,
  )
}

function assertCurrent(database: Database.Database, file: string): void {
  const version = schemaVersion(database)
  if (version === migrations.length) return
  if (version === 0) {
    throw new JournalOpenError(
      file,
      `is empty: it was only just made, or was copied without ${path.basename(file)}-wal beside it, where the newest events lie; open it once for writing to begin a new one.`,
    )
  }
  throw new JournalOpenError(
    file,
    `has schema version ${version}, and this Chronograd reads version ${migrations.length}; open it once for writing, as \`chronograd replay --all\` does, and it is brought up to date, with a copy kept.`,
  )
}

function schemaVersion(database: Database.Database): number {
  return database.pragma('user_version', { simple: true }) as number
}

/** SQLite opens what cannot be written for reading only and says nothing until the first write. */
function assertWritable(file: string): void {
  for (const each of [path.dirname(file), file]) {
    if (!existsSync(each) || isWritable(each)) continue
    throw new JournalOpenError(
      file,
      `cannot be written to, since ${each} is read-only; change that, or name another store.`,
    )
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function openingError(file: string, error: unknown, readOnly: boolean): JournalOpenError {
  return new JournalOpenError(file, reasonFor(file, error, readOnly), { cause: error })
}

function reasonFor(file: string, error: unknown, readOnly: boolean): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'SQLITE_NOTADB') return 'is not an SQLite database; name another store, or restore it from a copy.'
  if (code.startsWith('SQLITE_CORRUPT')) return 'is damaged; restore it from a copy.'
  if (readOnly && code === 'SQLITE_CANTOPEN' && existsSync(file) && !isWritable(path.dirname(file))) {
    return 'cannot be read where nothing can be written, since it was written with a write-ahead log; copy its folder to where you may write, or make a backup, which can be read anywhere.'
  }
  const told = describeError(error)
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return `cannot be opened because its disk is full (${told}); make room and try again.`
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return `cannot be opened because another process has held it for long (${told}); wait for it, then try again.`
  }
  return `cannot be opened (${told}); check that its folder exists and can be written to, or name another store.`
}
