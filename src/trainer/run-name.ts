import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'

/** A name for a new run that no run of the journal has: `emoji`, then `emoji-2`, `emoji-3` … */
export function freeRunName(journal: Journal, wanted: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    if (journal.streamVersion(runStream(name)) === 0) return name
  }
}
