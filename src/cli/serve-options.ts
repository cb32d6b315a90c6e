import { Option } from 'commander'
import type { ReservedDashboard } from '../dashboard/serve-run.ts'
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

/** Whether the dashboard is to be served. */
export function isServing({ serve, servePort, serveHost }: ServeCommandOptions): boolean {
  return serve === true || servePort !== undefined || serveHost !== undefined
}

/**
 * Calls `work` with the dashboard of the run that it makes, where one is to be served. Its port is taken before, so that nothing
 * is written where it cannot be had, and it ends with the work, so that the command ends by itself wherever it was started.
 *
 * @throws DashboardError, with nothing done, when it cannot be served there
 */
export async function withDashboard(
  options: ServeCommandOptions,
  work: (dashboard: ReservedDashboard | undefined) => Promise<void>,
): Promise<void> {
  if (!isServing(options)) return await work(undefined)
  const { reserveDashboard } = await import('../dashboard/serve-run.ts')
  const dashboard = await reserveDashboard({ host: options.serveHost, port: options.servePort ?? 'usual' })
  try {
    await work(dashboard)
  } finally {
    await dashboard.close()
  }
}
