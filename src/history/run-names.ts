import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'

const runPrefix = runStream('')

/** The names of a journal's runs, the one begun last at the end. */
export function runNames(journal: Journal): string[] {
  return journal
    .streams(runPrefix)
    .toSorted((one, other) => one.position - other.position)
    .map(({ stream }) => stream.slice(runPrefix.length))
}
