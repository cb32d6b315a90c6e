import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeError } from '../errors/chronograd-error.ts'
import { DashboardError } from './dashboard-error.ts'

/** The port of the dashboard, where it is to be found again. */
export const usualPort = 4747

/** How many ports are tried from the usual one on. */
const tried = 20

/**
 * Lets a server listen.
 *
 * @param port `usual` for the usual one or, where that is taken, the next free one; 0 for any that is free
 * @returns the port that it got
 * @throws DashboardError when none can be had
 */
export async function listen(server: Server, host: string, port: number | 'usual'): Promise<number> {
  if (port !== 'usual') return await listenOn(server, host, port)
  for (let next = usualPort; ; next++) {
    try {
      return await listenOn(server, host, next)
    } catch (error) {
      if (!isTaken(error) || next === usualPort + tried - 1) throw error
    }
  }
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
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
      `The dashboard cannot listen on ${host}, port ${port}: ${describeError(error)}. Name another port, or 0 for any that is free.`,
      { cause: error },
    )
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}
