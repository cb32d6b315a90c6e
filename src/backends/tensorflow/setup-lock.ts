import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { TensorflowSetupError } from './setup-error.ts'

/**
 * Does `work` while no other process does so in the same folder. The lock is SQLite's on a file there: the operating
 * system frees it when the holder dies, however it dies, so there is no stale lock to clear away.
 *
 * @throws TensorflowSetupError if another process holds the lock
 */
export async function withSetupLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(folder, { recursive: true })
  const database = new Database(join(folder, 'setup.lock'), { timeout: 0 })
  try {
    try {
      database.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error
      throw new TensorflowSetupError(
        `Another process is setting up TensorFlow in ${folder}; wait until it has finished.`,
        { cause: error },
      )
    }
    return await work()
  } finally {
    database.close()
  }
}
