import Database from 'better-sqlite3'

/** How long a writer waits for the transactions of other processes before it gives up, in milliseconds. */
export const busyTimeout = 10_000

/** How often it looks whether its turn has come, in milliseconds. */
const lookEvery = 0.1

const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * Does what needs SQLite's write lock as soon as no other process has it.
 *
 * SQLite waits too, but looks after 1, 2, 5, 10 and more milliseconds only. Where a process writes one transaction after the
 * other, as a subscriber does that catches up, these looks hardly ever fall between two of them, and training would stand
 * still.
 *
 * @param begin tells that it has the lock: what is refused after that is not for want of it
 * @throws SqliteError with the code `SQLITE_BUSY` when others do not stop writing
 */
export function withWriteLock<Result>(database: Database.Database, work: (begin: () => void) => Result): Result {
  const giveUpAt = performance.now() + busyTimeout
  let hasBegun = false
  // As a text that is executed: `database.pragma` takes six times as long.
  database.exec('PRAGMA busy_timeout = 0')
  try {
    for (;;) {
      try {
        return work(() => {
          hasBegun = true
        })
      } catch (error) {
        if (hasBegun || !isBusy(error) || performance.now() >= giveUpAt) throw error
        Atomics.wait(clock, 0, 0, lookEvery)
      }
    }
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
