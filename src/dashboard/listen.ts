import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeError } from '../errors/chronograd-error.ts'
import { DashboardError } from './dashboard-error.ts'

/** How many ports are tried from the usual one on. */
const tried = 20

/** Where a server is wanted. */
export interface ListenPlace {
  readonly host: string
  /** `usual` for the usual one or, where that is taken, the next free one; 0 for any that is free. */
  readonly port: number | 'usual'
  readonly usualPort: number
  /** What is served there, for the sentence that says that it cannot be. */
  readonly what: string
}

/**
 * Lets a server listen.
 *
 * @returns the port that it got
 * @throws DashboardError when none can be had
 */
export async function listen(server: Server, { port, usualPort, ...place }: ListenPlace): Promise<number> {
  if (port !== 'usual') return await listenOn(server, port, place)
  for (let next = usualPort; ; next++) {
    try {
      return await listenOn(server, next, place)
    } catch (error) {
      if (!isTaken(error) || next === usualPort + tried - 1) throw error
    }
  }
}

async function listenOn(
  server: Server,
  port: number,
  { host, what }: Pick<ListenPlace, 'host' | 'what'>,
): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ port, host }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    return (server.address() as AddressInfo).port
  } catch (error) {
    throw new DashboardError(
      `${what} cannot be served on ${host}, port ${port}: ${describeError(error)}. Name another port, or 0 for any that is free.`,
      { cause: error },
    )
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}
