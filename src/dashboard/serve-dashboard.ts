import { DashboardServer } from './dashboard-server.ts'

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
 * @throws DashboardError when the port cannot be had
 *
 * @example
 * const dashboard = await serveDashboard({ store: 'runs' })
 * console.log(`Open ${dashboard.url}`)
 */
export async function serveDashboard({ store = 'runs', ...place }: DashboardOptions = {}): Promise<Dashboard> {
  const server = await DashboardServer.listen(place)
  server.serve(store)
  return { ...server.address, close: () => server.close() }
}
