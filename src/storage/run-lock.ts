import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'

const lockFile = 'trainer.lock'

/** How long, in milliseconds, somebody who only looks whether a run is locked may stand in the way of locking it. */
const lookTime = 200

/** Another process, or this one, is training the run. */
export class RunLockedError extends ChronogradError {
  constructor(run: string) {
    super(`The run ${run} is being trained by another process; wait for it to end, or stop it.`)
  }
}

/** The folder of a run cannot be made or written to. */
export class RunFolderError extends ChronogradError {
  constructor(folder: string, cause: unknown) {
    super(
      `The run's folder ${folder} cannot be written to (${describeError(cause)}); check its disk and permissions, or name another store.`,
      { cause },
    )
  }
}

/**
 * Says that this process trains a run. It is a lock of the operating system on a file beside the run, so it ends with
 * the process however that ends, and no stale lock has to be cleared by hand.
 */
export class RunLock {
  readonly #database: Database.Database

  /** @throws RunLockedError when somebody else holds it, RunFolderError when its folder cannot be written to */
  constructor(folder: string, run: string) {
    let database: Database.Database | undefined
    try {
      mkdirSync(folder, { recursive: true })
      database = new Database(path.join(folder, lockFile), { timeout: lookTime })
      database.exec('BEGIN EXCLUSIVE')
      this.#database = database
    } catch (error) {
      database?.close()
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      throw busy ? new RunLockedError(run) : new RunFolderError(folder, error)
    }
  }

  release(): void {
    this.#database.close()
  }
}

/** Whether some process trains the run of this folder at the moment. */
export function isRunLocked(folder: string): boolean {
  const file = path.join(folder, lockFile)
  if (!existsSync(file)) return false
  const database = new Database(file, { readonly: true, timeout: 0 })
  try {
    database.prepare('SELECT 1 FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    database.close()
  }
}
