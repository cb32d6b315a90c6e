import type { Journal } from '../journal/journal.ts'
import { RunLock, RunLockedError } from '../storage/run-lock.ts'
import { runStream, type Store } from '../storage/store.ts'

/** A name for a new run that no run of the journal has: `emoji`, then `emoji-2`, `emoji-3` … */
export function freeRunName(journal: Journal, wanted: string): string {
  for (const name of namesLike(wanted)) if (isFree(journal, name)) return name
  throw new Error('There is no end of names.')
}

/**
 * Takes a name for a new run that no run of the journal has, and the lock with it, so that of several processes which
 * begin a run of one name each has a name of its own.
 *
 * @throws RunFolderError when the run's folder cannot be written to
 */
export function claimRunName(journal: Journal, store: Store, wanted: string): { name: string; lock: RunLock } {
  for (const name of namesLike(wanted)) {
    if (!isFree(journal, name)) continue
    const lock = lockUnlessHeld(store, name)
    if (lock === undefined) continue
    // Whoever held the lock a moment ago may have begun it.
    if (isFree(journal, name)) return { name, lock }
    lock.release()
  }
  throw new Error('There is no end of names.')
}

function* namesLike(wanted: string): Generator<string> {
  yield wanted
  for (let number = 2; ; number++) yield `${wanted}-${number}`
}

function isFree(journal: Journal, name: string): boolean {
  return journal.streamVersion(runStream(name)) === 0
}

function lockUnlessHeld(store: Store, name: string): RunLock | undefined {
  try {
    return new RunLock(store.runFolder(name), name)
  } catch (error) {
    if (error instanceof RunLockedError) return undefined
    throw error
  }
}
