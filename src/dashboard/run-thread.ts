import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import type { CommandName } from './answers.ts'
import type { Commander } from './commands/commander.ts'
import { type Dashboard, type DashboardOptions, serveDashboard } from './serve-dashboard.ts'

/** What the thread is started with. */
export interface RunThreadData {
  /** The run that takes commands. */
  readonly run: string
  readonly place: DashboardOptions
}

/** What the thread tells the one that trains. */
export type FromRunThread =
  | { readonly kind: 'served'; readonly address: Omit<Dashboard, 'close'> }
  /** It cannot be served; the thread ends. */
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'command'; readonly id: number; readonly command: CommandName }

/** What the thread is told by the one that trains. */
export type ToRunThread =
  | { readonly kind: 'answer'; readonly id: number; readonly refusal: string | null }
  | { readonly kind: 'close' }

if (parentPort === null) throw new Error('This module is started by serveRun, as a worker thread.')
const port = parentPort
const { run, place } = workerData as RunThreadData

// Whoever trains goes first where there are too few cores. Elsewhere than on Linux a priority is that of the whole process.
if (process.platform === 'linux') setPriority(10)

const tell = (message: FromRunThread) => port.postMessage(message)
const waiting = new Map<number, (refusal: string | null) => void>()
let asked = 0

const commander: Commander = {
  run,
  ask: command =>
    new Promise(resolve => {
      const id = asked++
      waiting.set(id, resolve)
      tell({ kind: 'command', id, command })
    }),
}

try {
  const { close, ...address } = await serveDashboard(place, commander)
  port.on('message', async (message: ToRunThread) => {
    if (message.kind === 'answer') {
      waiting.get(message.id)?.(message.refusal)
      waiting.delete(message.id)
      return
    }
    await close()
    port.close()
  })
  tell({ kind: 'served', address })
} catch (error) {
  tell({ kind: 'failed', error: describeError(error) })
}
