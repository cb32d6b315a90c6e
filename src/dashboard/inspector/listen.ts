import { describeError } from '../../errors/chronograd-error.ts'
import type { PageServer } from './page-server.ts'

const usualPort = 4848

/** How many ports are tried where none was asked for. */
const tried = 20

/**
 * Serves the page on a port of this machine, or the first that is free of the usual ones.
 *
 * @returns its address
 * @throws Error when none can be had
 */
export async function listen(page: PageServer, port: number | null): Promise<string> {
  for (let next = port ?? usualPort; ; next++) {
    try {
      return await page.listen(next)
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (port === null && isTaken && next < usualPort + tried - 1) continue
      throw new Error(
        `The inspector's page cannot be served on port ${next} (${describeError(error)}); the program goes on without it. Give another port.`,
        { cause: error },
      )
    }
  }
}
