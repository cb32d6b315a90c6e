import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** In milliseconds: for how long nothing must be asked, and how long that is waited for at most. */
const [quiet, longest] = [600, 4_000]

const lookEvery = 50

/**
 * Lets browsers that look on hear of the end and ask for what they show of it: resolves when nothing was asked for a while,
 * and at once where nobody is connected.
 */
export async function lastLook(server: Server): Promise<void> {
  const began = performance.now()
  let asked = began
  const look = () => {
    asked = performance.now()
  }
  server.on('request', look)
  while ((await connections(server)) > 0) {
    const now = performance.now()
    if (now - asked > quiet || now - began > longest) break
    await sleep(lookEvery)
  }
  server.off('request', look)
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )
}
