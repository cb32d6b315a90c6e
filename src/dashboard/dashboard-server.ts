import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { SearchThread } from '../search/search-thread.ts'
import { Access } from './access.ts'
import type { Commander } from './commands/commander.ts'
import { dashboardApp } from './dashboard-app.ts'
import { LastLook } from './last-look.ts'
import { listen } from './listen.ts'
import type { Dashboard, DashboardPlace } from './serve-dashboard.ts'
import { StoreReader } from './store-reader.ts'

/** Where a dashboard can be looked at. */
export type DashboardAddress = Omit<Dashboard, 'close'>

/** What a server has once there is a store to serve. */
interface Served {
  readonly reader: StoreReader
  readonly search: SearchThread
  /** Where a run is trained beside it. */
  readonly lastLook: LastLook | undefined
}

/** The dashboard's server. It has its port before there is a store to serve; whoever asks meanwhile is answered then. */
export class DashboardServer {
  readonly address: DashboardAddress
  readonly #server: Server
  readonly #access: Access
  #begin: (app: Hono) => void = () => {}
  #served: Served | undefined

  private constructor(server: Server, host: string, port: number) {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
    this.#server = server
    this.#access = new Access({ host, port })
    this.address = { url, urlWithToken: `${url}?token=${this.#access.token}`, isLocal: this.#access.isLocal }
    const begun = new Promise<Hono>(resolve => {
      this.#begin = resolve
    })
    server.on(
      'request',
      getRequestListener(async (request, bindings) => (await begun).fetch(request, bindings)),
    )
  }

  /** @throws DashboardError when the port cannot be had */
  static async listen({ host = '127.0.0.1', port: wanted = 0 }: DashboardPlace): Promise<DashboardServer> {
    const server = createServer()
    const port = await listen(server, { host, port: wanted, usualPort: 4747, what: 'The dashboard' })
    return new DashboardServer(server, host, port)
  }

  /** @param commander the way to the run that is trained beside it, where one is */
  serve(store: string, commander?: Commander): void {
    const reader = new StoreReader(store)
    const search = new SearchThread()
    this.#served = { reader, search, lastLook: commander && new LastLook(this.#server) }
    this.#begin(dashboardApp(reader, this.#access, search, commander))
  }

  /** Cuts off whoever is connected; beside a run when they have asked for what has just happened. */
  async close(): Promise<void> {
    await this.#served?.lastLook?.taken()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
    await this.#served?.search.close()
    this.#served?.reader.close()
  }
}
