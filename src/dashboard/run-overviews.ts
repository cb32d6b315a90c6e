import { type FamilyMember, familiesOf } from '../history/families.ts'
import { type RunOverview, runOverview } from '../history/run-overview.ts'
import type { Journal } from '../journal/journal.ts'
import { isRunLocked } from '../storage/run-lock.ts'
import { runStream, type Store } from '../storage/store.ts'

interface Known {
  readonly version: number
  readonly isHeld: boolean
  readonly overview: RunOverview
}

/** What a list of runs tells, of which only what has changed is read again: a store may have a thousand runs. */
export class RunOverviews {
  readonly #journal: Journal
  readonly #store: Store
  readonly #known = new Map<string, Known>()
  #families: readonly FamilyMember[] = []

  constructor(journal: Journal, store: Store) {
    this.#journal = journal
    this.#store = store
  }

  /** Every run, the one begun last at the end, and the families that they make. */
  read(): { runs: readonly RunOverview[]; families: readonly FamilyMember[] } {
    const prefix = runStream('')
    const streams = this.#journal.streams(prefix).toSorted((one, other) => one.position - other.position)
    // What a run goes back to is told when it is created.
    if (streams.length !== this.#known.size) this.#families = familiesOf(this.#journal)
    const runs = streams.map(({ stream, version }) => this.#overview(stream.slice(prefix.length), version))
    return { runs, families: this.#families }
  }

  #overview(run: string, version: number): RunOverview {
    const isHeld = isRunLocked(this.#store.runFolder(run))
    const known = this.#known.get(run)
    if (known?.version === version && known.isHeld === isHeld) return known.overview
    const overview = runOverview(this.#journal, this.#store, run)
    this.#known.set(run, { version, isHeld, overview })
    return overview
  }
}
