import { defer, mergeMap, type Observable, share, timer } from 'rxjs'
import { runNames } from '../history/run-names.ts'
import { isRunLocked } from '../storage/run-lock.ts'
import { runStream } from '../storage/store.ts'
import type { StoreReader } from './store-reader.ts'

/** How often it is looked whether the runs are still held that were, in milliseconds. */
const lookEvery = 1_000

/** What a process that takes a run tells soon. */
const taking = ['run.created', 'run.started', 'run.resumed']

/**
 * The runs that a process lets go of, by ending or by being killed: of the latter no log tells. Only runs that were held are
 * looked at, by the lock alone, and only while somebody listens.
 */
export function releasedRuns(reader: StoreReader): Observable<string> {
  return defer(() => {
    const held = new Set<string>()
    let seen = 0
    return timer(0, lookEvery).pipe(
      mergeMap(() => {
        const { journal } = reader
        if (journal?.isOpen !== true) return []
        const { position } = journal
        const taken =
          seen === 0
            ? runNames(journal).filter(run => isHeld(reader, run))
            : Array.from(journal.read({ after: seen, types: taking }), runOfEvent)
        seen = position
        // Whoever took a run since the last look may have let go of it already.
        for (const run of taken) held.add(run)
        const released = [...held].filter(run => !isHeld(reader, run))
        for (const run of released) held.delete(run)
        return released
      }),
    )
  }).pipe(share())
}

function isHeld({ store }: StoreReader, run: string): boolean {
  return isRunLocked(store.runFolder(run))
}

function runOfEvent({ stream }: { readonly stream: string }): string {
  return stream.slice(runStream('').length)
}
