import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { SearchThread } from '../search/search-thread.ts'
import { Access } from './access.ts'
import type { Commander } from './commands/commander.ts'
import { dashboardApp } from './dashboard-app.ts'
import { LastLook } from './last-look.ts'
import { listen } from './listen.ts'
import { StoreReader } from './store-reader.ts'

/** Where a dashboard is served. */
export interface DashboardPlace {
  /** What to listen on; only this machine can reach it unless given. */
  readonly host?: string | undefined
  /** A free one is taken where it is 0, which it is unless given; `usual` is 4747, or the next that is free. */
  readonly port?: number | 'usual' | undefined
}

export interface DashboardOptions extends DashboardPlace {
  /** The folder of the runs; `runs` unless given. */
  readonly store?: string
}

export interface Dashboard {
  /** Where the page is. */
  readonly url: string
  /** Where the page is, with the token that commands need, and everything where it can be reached from other machines. */
  readonly urlWithToken: string
  /** Whether only programs on this machine can reach it. */
  readonly isLocal: boolean
  /**
   * Ends it. Browsers that are connected are cut off; beside a run when they have asked for what has just happened, which takes
   * some seconds at most.
   */
  close(): Promise<void>
}

/**
 * Serves the dashboard of a store. It reads what is there and what comes, and writes nothing.
 *
 * @param commander the way to the run that is trained beside it; `serveRun` has one
 * @throws DashboardError when the port cannot be had
 *
 * @example
 * const dashboard = await serveDashboard({ store: 'runs' })
 * console.log(`Open ${dashboard.url}`)
 */
export async function serveDashboard(
  { store = 'runs', host = '127.0.0.1', port: wanted = 0 }: DashboardOptions = {},
  commander?: Commander,
): Promise<Dashboard> {
  const server = createServer()
  const port = await listen(server, { host, port: wanted, usualPort: 4747, what: 'The dashboard' })
  const access = new Access({ host, port })
  const reader = new StoreReader(store)
  const search = new SearchThread()
  const lastLook = commander && new LastLook(server)
  server.on('request', getRequestListener(dashboardApp(reader, access, search, commander).fetch))
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
  return {
    url,
    urlWithToken: `${url}?token=${access.token}`,
    isLocal: access.isLocal,
    async close() {
      await lastLook?.taken()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await search.close()
      reader.close()
    },
  }
}
