import { Hono } from 'hono'
import { familiesOf } from '../../history/families.ts'
import { runNames } from '../../history/run-names.ts'
import { runOverview } from '../../history/run-overview.ts'
import type { RunsAnswer } from '../answers.ts'
import type { StoreReader } from '../store-reader.ts'

/** Every run of the store. */
export function runsRoute(reader: StoreReader): Hono {
  return new Hono().get('/', context => {
    const { journal, store } = reader
    if (journal === undefined) return context.json<RunsAnswer>({ position: 0, runs: [], families: [] })
    // Before the runs are read: what comes meanwhile is told again rather than missed.
    const position = journal.position
    const runs = runNames(journal).map(run => runOverview(journal, store, run))
    return context.json<RunsAnswer>({ position, runs, families: familiesOf(journal) })
  })
}
