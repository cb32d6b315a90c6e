import type Database from 'better-sqlite3'
import { ChronogradError } from '../errors/chronograd-error.ts'

/** An event id was used before, for something else. */
export class EventIdConflictError extends ChronogradError {
  constructor(id: string, owner: string) {
    super(`The event id "${id}" belongs to ${owner} and cannot name another event; leave the id out for a new one.`)
  }
}

/** A stream or an event cannot have this name. */
export class InvalidNameError extends ChronogradError {
  constructor(what: 'stream' | 'event id', name: string) {
    super(
      `${JSON.stringify(name)} cannot name a ${what}; use at least one character, and neither control characters nor half surrogate pairs.`,
    )
  }
}

/** The journal cannot be opened, or not in this way. */
export class JournalOpenError extends ChronogradError {
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`The journal ${path} ${reason}`, options)
    this.path = path
  }
}

/** A journal that was opened for reading only was asked to write. */
export class JournalReadOnlyError extends ChronogradError {
  constructor(path: string) {
    super(`The journal ${path} was opened for reading only; open it without readOnly to write to it.`)
  }
}

/** The journal's file, or the disk under it, is damaged. */
export class JournalDamagedError extends ChronogradError {
  readonly path: string

  constructor(path: string, cause: SqliteFailure) {
    super(
      `The journal ${path} is damaged (${cause.message}); stop what writes to it, copy its folder as it is, and restore a backup.`,
      { cause },
    )
    this.path = path
  }
}

/** What SQLite throws. */
export type SqliteFailure = InstanceType<typeof Database.SqliteError>

/** The disk, or another process that holds the journal, refused a write. What was committed before is safe. */
export class JournalWriteError extends ChronogradError {
  /** Whether there is no room, which somebody may make, rather than something wrong. */
  readonly diskIsFull: boolean

  constructor(path: string, cause: SqliteFailure) {
    super(
      `The journal ${path} could not be written (${cause.message}); nothing committed is lost: ${adviceFor(cause.code)}.`,
      { cause },
    )
    this.diskIsFull = fullDiskCodes.includes(cause.code)
  }
}

/** The second comes when the index of the write-ahead log finds no room. */
const fullDiskCodes: readonly string[] = ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']

function adviceFor(code: string): string {
  if (fullDiskCodes.includes(code)) return 'make room on the disk and resume the run'
  if (code.startsWith('SQLITE_BUSY')) return 'another process has been writing for long; wait for it, then try again'
  return 'check that its disk is sound and its folder can be written to'
}
