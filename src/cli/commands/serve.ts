import { Command, Option } from 'commander'
import { openBrowser } from '../../dashboard/open-browser.ts'
import type { Dashboard, DashboardOptions } from '../../dashboard/serve-dashboard.ts'
import { shortPath } from '../command-hint.ts'
import { type StoreOptions, storeOption, wholeNumber } from '../common-options.ts'

interface ServeOptions extends StoreOptions {
  readonly host: string
  readonly port?: number
  readonly open?: true
}

const usualPort = 4747

/** How many ports are tried where none was asked for. */
const tried = 20

/** `chronograd serve`: the dashboard of a store, for a browser on this machine. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve the dashboard: runs, live and at any moment of their past, for a browser on this machine.')
    .addOption(storeOption())
    .addOption(
      new Option('--port <n>', `the port to listen on (default: ${usualPort}, or the next free one)`).argParser(
        wholeNumber(0),
      ),
    )
    .addOption(new Option('--host <host>', 'what to listen on; 0.0.0.0 lets other machines in').default('127.0.0.1'))
    .addOption(new Option('--open', 'open it in the browser'))
    .action(async ({ store, host, port, open }: ServeOptions) => {
      const options = { store, host }
      const dashboard = await (port === undefined ? serveWhereFree(options) : serve({ ...options, port }))
      // From before the address is told: who reads it may end the server at once.
      const interrupted = untilInterrupted()
      const address = dashboard.isLocal ? dashboard.url : dashboard.urlWithToken
      console.log(address)
      console.error(`The dashboard of ${shortPath(store)} is served there; Ctrl-C ends it.`)
      if (!dashboard.isLocal) {
        console.error('Whoever has this address can look at the runs; what goes over the network is not encrypted.')
      }
      if (open) openBrowser(address, reason => console.error(`No browser could be opened (${reason}): open ${address}`))
      await interrupted
      await dashboard.close()
    })
}

/** No other command should load what serves. */
async function serve(options: DashboardOptions): Promise<Dashboard> {
  const { serveDashboard } = await import('../../dashboard/serve-dashboard.ts')
  return serveDashboard(options)
}

/** @throws DashboardError when none of the usual ports can be had, or it is not the port that is wrong */
async function serveWhereFree(options: DashboardOptions): Promise<Dashboard> {
  for (let port = usualPort; ; port++) {
    try {
      return await serve({ ...options, port })
    } catch (error) {
      if (!isTaken(error) || port === usualPort + tried - 1) throw error
    }
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}

function untilInterrupted(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
