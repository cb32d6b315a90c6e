import { Hono } from 'hono'
import type { RunsAnswer } from '../answers/runs.ts'
import { RunOverviews } from '../run-overviews.ts'
import type { StoreReader } from '../store-reader.ts'

/** Every run of the store. */
export function runsRoute(reader: StoreReader): Hono {
  let overviews: RunOverviews | undefined
  return new Hono().get('/', context => {
    const { journal, store } = reader
    if (journal === undefined) return context.json<RunsAnswer>({ position: 0, runs: [], families: [] })
    // Before the runs are read: what comes meanwhile is told again rather than missed.
    const { position } = journal
    overviews ??= new RunOverviews(journal, store)
    return context.json<RunsAnswer>({ position, ...overviews.read() })
  })
}
