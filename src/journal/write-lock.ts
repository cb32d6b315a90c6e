import Database from 'better-sqlite3'

/** How long a writer waits for the transactions of other processes before it gives up, in milliseconds. */
export const busyTimeout = 10_000

/** How often it looks whether its turn has come, in milliseconds. */
const lookEvery = 0.1

const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * Runs transactions that need SQLite's write lock as soon as no other process has it.
 *
 * SQLite waits too, but looks after 1, 2, 5, 10 and more milliseconds only. Where a process writes one transaction after the
 * other, as a subscriber does that catches up, these looks hardly ever fall between two of them, and training would stand
 * still. It does not wait where a transaction has read before it writes, since what it has read might be out of date by
 * then: so these read first, and begin again when they are refused.
 */
export class WriteLock {
  readonly #database: Database.Database
  readonly #begin: Database.Statement
  readonly #commit: Database.Statement
  readonly #rollBack: Database.Statement
  readonly #read: Database.Statement
  readonly #take: Database.Statement
  #isInUse = false

  constructor(database: Database.Database) {
    this.#database = database
    this.#begin = database.prepare('BEGIN')
    this.#commit = database.prepare('COMMIT')
    this.#rollBack = database.prepare('ROLLBACK')
    this.#read = database.prepare('SELECT 1 FROM cursors LIMIT 1')
    this.#take = database.prepare('DELETE FROM cursors WHERE false')
  }

  /** Whether one of its transactions is going on. */
  get isInUse(): boolean {
    return this.#isInUse
  }

  /**
   * Runs `work` in a transaction that has the lock from its beginning on.
   *
   * @throws SqliteError with the code `SQLITE_BUSY` when others do not stop writing
   */
  run<Result>(work: () => Result): Result {
    return this.runReadingFirst(locked => {
      this.#read.get()
      this.#take.run()
      locked()
      return work()
    })
  }

  /**
   * Runs `work`, which reads before it writes, in a transaction that takes the lock with its first write. Until then it may
   * be begun again.
   *
   * @param work is to call `locked` after its first write: what is refused after that is not for want of the lock
   * @throws SqliteError with the code `SQLITE_BUSY` when others do not stop writing
   */
  runReadingFirst<Result>(work: (locked: () => void) => Result): Result {
    let giveUpAt: number | undefined
    let isLocked = false
    const locked = () => {
      isLocked = true
    }
    for (;;) {
      try {
        return this.#once(work, locked)
      } catch (error) {
        giveUpAt ??= performance.now() + busyTimeout
        if (isLocked || !isBusy(error) || performance.now() >= giveUpAt) throw error
        Atomics.wait(clock, 0, 0, lookEvery)
      }
    }
  }

  #once<Result>(work: (locked: () => void) => Result, locked: () => void): Result {
    this.#begin.run()
    this.#isInUse = true
    try {
      const result = work(locked)
      if (result instanceof Promise) {
        result.catch(() => {})
        throw new TypeError('What is done in a transaction returned a promise; make it synchronous.')
      }
      this.#commit.run()
      return result
    } catch (error) {
      // Some errors, such as a full disk, have SQLite roll back by itself.
      if (this.#database.inTransaction) this.#rollBack.run()
      throw error
    } finally {
      this.#isInUse = false
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
