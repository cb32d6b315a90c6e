import { Option } from 'commander'
import type { DashboardPlace } from '../dashboard/serve-dashboard.ts'
import { wholeNumber } from './common-options.ts'

/** What a command takes that trains, and may serve the dashboard beside it. */
export interface ServeCommandOptions {
  readonly serve?: true
  readonly servePort?: number
  readonly serveHost?: string
}

/** Each of them turns serving on. */
export function serveOptions(): Option[] {
  return [
    new Option('--serve', 'serve the dashboard while it trains, and take commands from who has the printed address'),
    new Option(
      '--serve-port <n>',
      'the port of the dashboard, 0 for any that is free (default: 4747, or the next free one)',
    ).argParser(wholeNumber(0)),
    new Option(
      '--serve-host <host>',
      'what the dashboard listens on (default: this machine only); 0.0.0.0 lets other machines in',
    ),
  ]
}

/** Where the dashboard is to be served; undefined where it is not. */
export function servingOf({
  serve,
  servePort: port,
  serveHost: host,
}: ServeCommandOptions): DashboardPlace | undefined {
  if (serve === undefined && port === undefined && host === undefined) return undefined
  return { host, port: port ?? 'usual' }
}
