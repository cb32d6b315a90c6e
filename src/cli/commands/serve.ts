import { Command, Option } from 'commander'
import { openBrowser } from '../../dashboard/open-browser.ts'
import { shortPath } from '../command-hint.ts'
import { type StoreOptions, storeOption, wholeNumber } from '../common-options.ts'
import { interruption } from '../interruption.ts'

interface ServeOptions extends StoreOptions {
  readonly host: string
  readonly port?: number
  readonly open?: true
}

/** `chronograd serve`: the dashboard of a store, for a browser on this machine. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve the dashboard: runs, live and at any moment of their past, for a browser on this machine.')
    .addOption(storeOption())
    .addOption(
      new Option('--port <n>', 'the port to listen on (default: 4747, or the next free one)').argParser(wholeNumber(0)),
    )
    .addOption(new Option('--host <host>', 'what to listen on; 0.0.0.0 lets other machines in').default('127.0.0.1'))
    .addOption(new Option('--open', 'open it in the browser'))
    .action(async ({ store, host, port, open }: ServeOptions) => {
      // No other command should load what serves.
      const { serveDashboard } = await import('../../dashboard/serve-dashboard.ts')
      const dashboard = await serveDashboard({ store, host, port: port ?? 'usual' })
      // From before the address is told: who reads it may end the server at once.
      const interrupted = interruption()
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
