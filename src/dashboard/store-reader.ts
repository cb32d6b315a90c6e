import { existsSync } from 'node:fs'
import type { Observable } from 'rxjs'
import { runNames } from '../history/run-names.ts'
import { Journal } from '../journal/journal.ts'
import { Store } from '../storage/store.ts'
import { DashboardError } from './dashboard-error.ts'
import { releasedRuns } from './released-runs.ts'

/** A store that is looked at from outside, perhaps before anything was trained in it. */
export class StoreReader {
  readonly store: Store
  /** The runs that a process lets go of, as long as somebody listens. */
  readonly released$: Observable<string>
  #journal: Journal | undefined

  constructor(folder: string) {
    this.store = new Store(folder)
    this.released$ = releasedRuns(this)
  }

  /** Opened for reading as soon as there is one. */
  get journal(): Journal | undefined {
    if (this.#journal === undefined && existsSync(this.store.journalPath)) {
      this.#journal = Journal.open(this.store.journalPath, { readOnly: true })
    }
    return this.#journal
  }

  /** @throws DashboardError when there is no such run */
  journalOf(run: string): Journal {
    const { journal } = this
    if (journal !== undefined && runNames(journal).includes(run)) return journal
    throw new DashboardError(`There is no run ${JSON.stringify(run)} in ${this.store.folder}.`)
  }

  close(): void {
    this.#journal?.close()
  }
}
