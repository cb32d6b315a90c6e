import type { Worker } from 'node:worker_threads'
import type { InspectionEvent } from 'xstate'
import { startThread } from '../data/start-thread.ts'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import { type Keepable, KeptMessages } from './kept-messages.ts'
import { type InspectionMessage, messageOf } from './stately-messages.ts'

/** The inspector's page cannot be served, or Stately not be reached. */
export class InspectorError extends ChronogradError {}

/** A message with its place among all. */
export interface NumberedMessage extends InspectionMessage, Keepable {}

/** What the thread is told: messages, how many events there are no messages of, or to end. */
export type ThreadTold = { readonly messages: readonly NumberedMessage[] } | { readonly leftOut: number } | 'close'

/** What the thread tells: that it is ready and where, that it cannot be, or something that a person should know. */
export type ThreadTells = { readonly ready: string } | { readonly failed: string } | { readonly notice: string }

/** What every thread that takes messages is given beside its own. */
export interface ThreadData {
  /** One number: how many batches it has taken. */
  readonly taken: Int32Array
}

export interface InspectorOptions {
  /** Is told where to look, unless somebody waits for the address, and what goes wrong: on standard error unless given. */
  readonly onNotice?: ((sentence: string) => void) | undefined
}

/** What whoever inspected something can do when the inspector has died. */
const withoutInspector =
  'The program goes on without it; pages that are open keep what they were told, and `chronograd inspect` shows a run by its log.'

/** Messages are told together that come within so many milliseconds, and at once where there are so many. */
const [gatherFor, batchSize] = [20, 500]

/** Batches that the thread has not taken yet; more are kept back, and bounded. */
const mostUnderway = 40

/**
 * Hands what XState tells its inspectors to a thread, which shows it. The inspected program pays for making the messages
 * and nothing else: it is not kept alive, it does not wait, and nothing that fails here fails it.
 */
export class Inspector {
  /** To be given to XState: `createActor(machine, { inspect: inspector.inspect })`. Any number of actors may share it. */
  readonly inspect: (event: InspectionEvent) => void
  readonly #thread: Worker
  readonly #taken = new Int32Array(new SharedArrayBuffer(4))
  readonly #waiting = new KeptMessages<NumberedMessage>()
  readonly #ready: Promise<string>
  readonly #ended: Promise<void>
  #isClosing = false
  #isEnded = false
  /** Whether somebody waits for the address, and is told by that. */
  #isAsked = false
  /** Whether somebody waits for its end, and hears by that that it has died. */
  #isAwaited = false
  #posted = 0
  #number = 0
  #timer: NodeJS.Timeout | undefined

  /** @param url of the thread's module, without its ending */
  constructor(url: URL, threadData: object, { onNotice = tellOnStandardError }: InspectorOptions) {
    this.#thread = startThread(url, { ...threadData, taken: this.#taken } satisfies ThreadData)
    this.inspect = event => {
      if (this.#isEnded) return
      try {
        const message = messageOf(event)
        if (message !== undefined) this.send(message)
      } catch (error) {
        onNotice(`An event could not be inspected: ${describeError(error)}`)
      }
    }
    this.#ended = new Promise((resolve, reject) => {
      const end = (reason: string, cause?: Error) => {
        if (this.#isEnded) return
        this.#isEnded = true
        if (this.#isClosing) return resolve()
        const died = `The inspector has died: ${reason}.`
        reject(new InspectorError(died, { cause }))
        if (!this.#isAsked && !this.#isAwaited) onNotice(`${died} ${withoutInspector}`)
      }
      this.#thread.once('error', error => end(describeError(error), error))
      this.#thread.once('exit', code => end(`its thread ended (${code})`))
    })
    this.#ready = new Promise((resolve, reject) => {
      this.#thread.on('message', (told: ThreadTells) => {
        if ('ready' in told) {
          resolve(told.ready)
          if (!this.#isAsked) onNotice(`Inspect the actors at ${told.ready}`)
        } else if ('failed' in told) {
          reject(new InspectorError(told.failed))
          if (!this.#isAsked) onNotice(told.failed)
        } else onNotice(told.notice)
      })
      this.#ended.then(() => reject(new InspectorError('The inspector has ended.')), reject)
    })
    // After the listeners, for those keep a program alive.
    this.#thread.unref()
    // Who does not ask does not hear.
    this.#ready.catch(() => undefined)
  }

  /**
   * Where the page is, as soon as it is there.
   *
   * @throws InspectorError when it cannot be served
   */
  async address(): Promise<string> {
    this.#isAsked = true
    // Who waits must not be ended by the thread being all that is left.
    this.#thread.ref()
    try {
      return await this.#ready
    } finally {
      this.#isAsked = false
      this.#thread.unref()
    }
  }

  /** Keeps the program alive until the inspector is closed or Ctrl-C is pressed, so that one can go on looking. */
  ref(): void {
    this.#thread.ref()
  }

  /**
   * Resolves when it is closed, and keeps the program alive until then.
   *
   * @throws InspectorError when it dies, of which there is no notice then
   */
  async ended(): Promise<void> {
    this.#isAwaited = true
    this.#thread.ref()
    await this.#ended
  }

  /** Takes a message that was made elsewhere, such as of a past run. */
  send(message: InspectionMessage): void {
    if (this.#isEnded) return
    this.#waiting.add({ ...message, number: ++this.#number, size: message.text.length })
    if (this.#waiting.length >= batchSize) this.#post()
    if (this.#timer === undefined) this.#postSoon()
  }

  /** So many events before the first message are not told, which is told. */
  leaveOut(events: number): void {
    this.#thread.postMessage({ leftOut: events } satisfies ThreadTold)
  }

  /** Tells the rest to whoever looks on, and ends. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#isEnded) return
    this.#isClosing = true
    this.#thread.ref()
    this.#postAll()
    this.#thread.postMessage('close' satisfies ThreadTold)
    await this.#ended
  }

  #postSoon(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#post()
      if (this.#waiting.last > 0 && this.#isBehind()) this.#postSoon()
    }, gatherFor)
    this.#timer.unref()
  }

  #isBehind(): boolean {
    return this.#posted - Atomics.load(this.#taken, 0) >= mostUnderway
  }

  #post(): void {
    if (!this.#isBehind()) this.#postAll()
  }

  #postAll(): void {
    const messages = this.#waiting.drain()
    if (messages.length === 0) return
    this.#posted++
    this.#thread.postMessage({ messages } satisfies ThreadTold)
  }
}

function tellOnStandardError(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}
