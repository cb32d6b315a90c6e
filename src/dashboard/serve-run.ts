import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../data/start-thread.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { CommandName } from './answers/commands.ts'
import { DashboardError } from './dashboard-error.ts'
import type { DashboardAddress } from './dashboard-server.ts'
import type { FromRunThread, ToRunThread } from './run-thread.ts'
import type { Dashboard, DashboardPlace } from './serve-dashboard.ts'

/** A run that is trained in this process and takes commands, such as a `MultimodalTrainer`. */
export interface CommandableRun extends Readonly<Record<CommandName, () => void>> {
  readonly run: string
  readonly journal: { readonly path: string }
}

/** Is told a sentence that a person should know. */
type Notice = (sentence: string) => void

export interface ServeRunOptions extends DashboardPlace {
  /** Is told once when the dashboard has died; the run goes on without. A warning of the process unless given. */
  readonly onNotice?: Notice
}

/** A dashboard that has its port, for a run that is yet to be made. Whoever asks it meanwhile waits. */
export interface ReservedDashboard extends Dashboard {
  /** Shows the run and its store from now on, and takes commands for it. @param onNotice as for `serveRun` */
  serve(run: CommandableRun, onNotice?: Notice): void
}

/**
 * Serves the dashboard beside a run that this process trains, and takes commands for it: whoever has the address with the
 * token can pause it, continue it, have it evaluated and saved, and stop it.
 *
 * The server has a thread of its own and reads the log as any other reader. The thread that trains only hears of it when it is
 * commanded, between two pieces of its work. A dashboard that is not closed keeps no process alive.
 *
 * @param run a trainer; its store is served, and of its runs only this one takes commands
 * @throws DashboardError when the port cannot be had
 *
 * @example
 * const trainer = new MultimodalTrainer({ trainData, valData })
 * const dashboard = await serveRun(trainer, { port: 4747 })
 * console.log(`Look at the run, and command it: ${dashboard.urlWithToken}`)
 * await trainer.train()
 * await dashboard.close()
 */
export async function serveRun(run: CommandableRun, { onNotice, ...place }: ServeRunOptions = {}): Promise<Dashboard> {
  const dashboard = await reserveDashboard(place)
  dashboard.serve(run, onNotice)
  return dashboard
}

/**
 * Takes the port of a dashboard before its run is made, so that no run is made where there is none to be had.
 *
 * @throws DashboardError when the port cannot be had
 *
 * @example
 * const dashboard = await reserveDashboard({ port: 4747 })
 * const trainer = new MultimodalTrainer({ trainData, valData })
 * dashboard.serve(trainer)
 */
export async function reserveDashboard(place: DashboardPlace = {}): Promise<ReservedDashboard> {
  // Whoever is first to need the process's pool of threads starts them, at its own priority; that is to be the one that trains.
  await stat(process.cwd())
  const thread = startThread(new URL('./run-thread', import.meta.url), place)
  const ended = new Promise<string>(resolve => {
    thread.once('error', error => resolve(describeError(error)))
    thread.once('exit', code => resolve(`its thread ended (${code})`))
  })
  const send = (message: ToRunThread) => thread.postMessage(message)
  let served: CommandableRun | undefined
  thread.on('message', (message: FromRunThread) => {
    if (message.kind !== 'command' || served === undefined) return
    const { id, command } = message
    send({ kind: 'answer', id, refusal: refusalBy(served, command) })
  })
  const address = await addressOf(thread, ended)
  thread.unref()
  let isClosing = false
  return {
    ...address,
    serve(run, onNotice = sentence => process.emitWarning(sentence)) {
      served = run
      send({ kind: 'serve', run: run.run, store: path.dirname(run.journal.path) })
      ended.then(reason => {
        if (!isClosing) onNotice(`The dashboard has died: ${reason}. The run goes on without it.`)
      })
    },
    async close() {
      isClosing = true
      thread.ref()
      send({ kind: 'close' })
      await ended
    },
  }
}

/** @throws DashboardError when the thread has none */
function addressOf(thread: Worker, ended: Promise<string>): Promise<DashboardAddress> {
  return new Promise((resolve, reject) => {
    thread.on('message', (message: FromRunThread) => {
      if (message.kind === 'listening') resolve(message.address)
      if (message.kind === 'failed') reject(new DashboardError(message.error))
    })
    ended.then(reason => reject(new DashboardError(`The dashboard cannot be served: ${reason}.`)))
  })
}

/** Whatever goes wrong with a command must not end the training. */
function refusalBy(run: CommandableRun, command: CommandName): string | null {
  try {
    run[command]()
    return null
  } catch (error) {
    return describeError(error)
  }
}
