import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import type { CommandName } from './answers/commands.ts'
import type { Commander } from './commands/commander.ts'
import { type DashboardAddress, DashboardServer } from './dashboard-server.ts'
import type { DashboardPlace } from './serve-dashboard.ts'

/** What the thread tells the one that trains. */
export type FromRunThread =
  | { readonly kind: 'listening'; readonly address: DashboardAddress }
  /** It cannot listen there; the thread ends. */
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'command'; readonly id: number; readonly command: CommandName }

/** What the thread is told by the one that trains. */
export type ToRunThread =
  /** The run takes commands. */
  | { readonly kind: 'serve'; readonly store: string; readonly run: string }
  | { readonly kind: 'answer'; readonly id: number; readonly refusal: string | null }
  | { readonly kind: 'close' }

if (parentPort === null) throw new Error('This module is started by reserveDashboard, as a worker thread.')
const port = parentPort

// Whoever trains goes first where there are too few cores. Elsewhere than on Linux a priority is that of the whole process.
if (process.platform === 'linux') setPriority(10)

const tell = (message: FromRunThread) => port.postMessage(message)
const waiting = new Map<number, (refusal: string | null) => void>()
let asked = 0

const commanderOf = (run: string): Commander => ({
  run,
  ask: command =>
    new Promise(resolve => {
      const id = asked++
      waiting.set(id, resolve)
      tell({ kind: 'command', id, command })
    }),
})

try {
  const server = await DashboardServer.listen(workerData as DashboardPlace)
  port.on('message', async (message: ToRunThread) => {
    switch (message.kind) {
      case 'serve':
        server.serve(message.store, commanderOf(message.run))
        break
      case 'answer':
        waiting.get(message.id)?.(message.refusal)
        waiting.delete(message.id)
        break
      case 'close':
        await server.close()
        port.close()
    }
  })
  tell({ kind: 'listening', address: server.address })
} catch (error) {
  tell({ kind: 'failed', error: describeError(error) })
}
