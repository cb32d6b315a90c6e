import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { describeError } from '../errors/chronograd-error.ts'
import { SearchThread } from '../search/search-thread.ts'
import { Access } from './access.ts'
import { dashboardApp } from './dashboard-app.ts'
import { DashboardError } from './dashboard-error.ts'
import { StoreReader } from './store-reader.ts'

export interface DashboardOptions {
  /** The folder of the runs; `runs` unless given. */
  readonly store?: string
  /** What to listen on; only this machine can reach it unless given. */
  readonly host?: string
  /** A free one is taken where it is 0, which it is unless given. */
  readonly port?: number
}

export interface Dashboard {
  /** Where the page is. */
  readonly url: string
  /** Where the page is, with the token that commands need, and everything where it can be reached from other machines. */
  readonly urlWithToken: string
  /** Whether only programs on this machine can reach it. */
  readonly isLocal: boolean
  /** Ends it. Browsers that are connected are cut off. */
  close(): Promise<void>
}

/**
 * Serves the dashboard of a store. It reads what is there and what comes, and writes nothing.
 *
 * @throws DashboardError when the port cannot be had
 *
 * @example
 * const dashboard = await serveDashboard({ store: 'runs' })
 * console.log(`Open ${dashboard.url}`)
 */
export async function serveDashboard({
  store = 'runs',
  host = '127.0.0.1',
  port = 0,
}: DashboardOptions = {}): Promise<Dashboard> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve))
  } catch (error) {
    throw new DashboardError(
      `The dashboard cannot listen on ${host}, port ${port}: ${describeError(error)}. Name another with --port.`,
      { cause: error },
    )
  }
  const address = server.address() as AddressInfo
  const access = new Access({ host, port: address.port })
  const reader = new StoreReader(store)
  const search = new SearchThread()
  server.on('request', getRequestListener(dashboardApp(reader, access, search).fetch))
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`
  return {
    url,
    urlWithToken: `${url}?token=${access.token}`,
    isLocal: access.isLocal,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await search.close()
      reader.close()
    },
  }
}
