import { Hono } from 'hono'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { SearchThread } from '../search/search-thread.ts'
import type { Access } from './access.ts'
import type { ErrorAnswer } from './answers/error.ts'
import type { Commander } from './commands/commander.ts'
import { commandsRoute } from './commands/commands-route.ts'
import { guard } from './guard.ts'
import { pageFiles } from './page-files.ts'
import { comparisonRoute } from './routes/comparison.ts'
import { layersRoute } from './routes/layers.ts'
import { liveRoute } from './routes/live.ts'
import { logRoute } from './routes/log.ts'
import { lookRoute } from './routes/look.ts'
import { machinesRoute } from './routes/machines.ts'
import { runRoute } from './routes/run.ts'
import { runsRoute } from './routes/runs.ts'
import { seriesRoute } from './routes/series.ts'
import type { StoreReader } from './store-reader.ts'

/**
 * What the dashboard answers: the page, and what the page asks for.
 *
 * @param search what is searched by for those who look
 * @param commander the way to the run that is trained beside it, where one is
 */
export function dashboardApp(reader: StoreReader, access: Access, search: SearchThread, commander?: Commander): Hono {
  return new Hono()
    .use(guard(access))
    .route('/api/runs', runsRoute(reader))
    .route('/api/runs', runRoute(reader, commander))
    .route('/api/runs', commandsRoute(reader, access, commander))
    .route('/api/runs', logRoute(reader))
    .route('/api/runs', seriesRoute(reader))
    .route('/api/runs', layersRoute(reader))
    .route('/api/runs', lookRoute(reader, search))
    .route('/api', comparisonRoute(reader))
    .route('/api', liveRoute(reader))
    .route('/api/machines', machinesRoute())
    .route('/', pageFiles())
    .notFound(context => context.json<ErrorAnswer>({ error: `There is nothing at ${context.req.path}.` }, 404))
    .onError((error, context) => {
      if (error instanceof ChronogradError) return context.json<ErrorAnswer>({ error: error.message }, 404)
      return context.json<ErrorAnswer>({ error: `The dashboard failed: ${error.message}` }, 500)
    })
}
