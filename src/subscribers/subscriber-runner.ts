import type Database from 'better-sqlite3'
import type { Subscription } from 'rxjs'
import { type ActorRefFrom, createActor, waitFor } from 'xstate'
import { type SubscriberInput, subscriberMachine } from '../../machines/subscriber.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { NewEvent, RecordedEvent } from '../events/recorded-event.ts'
import { faultPoint } from '../faults/fault-point.ts'
import type { Journal } from '../journal/journal.ts'
import { EventIdConflictError, JournalWriteError } from '../journal/journal-errors.ts'
import type { Track } from '../profile/track.ts'
import { CursorStore, wholeJournal } from './cursor-store.ts'
import { EventHandler, Progress } from './event-handler.ts'
import { clearTables, createTables, dropTables } from './projection-tables.ts'
import { assertSubscriber, type Subscriber } from './subscriber.ts'

export interface RunnerOptions {
  /** The stream to follow; the whole journal unless given. */
  readonly stream?: string
  /** Events handled in one transaction at most. */
  readonly batchSize?: number
  /** Failures of one event in a row before the subscriber is parked. */
  readonly maximumAttempts?: number
  /** How long to wait before the n-th new attempt, in milliseconds. */
  readonly retryAfter?: (attempt: number) => number
  /** Makes the subscriber's actor, to have it in an actor system; on its own unless given. */
  readonly spawn?: (input: SubscriberInput) => SubscriberActor
  /** Is told when the subscriber works, for a profile. */
  readonly track?: Track | undefined
}

/** The actor of one subscriber, for whoever wants to watch it. */
export type SubscriberActor = ActorRefFrom<typeof subscriberMachine>

/**
 * Events within so many milliseconds are handled together, so that many quick steps cost one transaction. Not longer: what
 * a subscriber adds to the log, such as a diagnosis, is to be in it before a short run ends.
 */
const gatherFor = 50

/**
 * After so many milliseconds the cursor passes over events that the subscriber does not want. It is seldom, since it costs a
 * transaction and nobody waits for it.
 */
const passOverAfter = 1_000

/**
 * Runs one subscriber: pulls batches from the journal after its cursor and commits its rows and the cursor in one
 * transaction. It depends on no other subscriber, and nothing depends on it: when it fails it is tried again, then
 * parked with the event that broke it.
 */
export class SubscriberRunner {
  readonly actor: SubscriberActor
  readonly #journal: Journal
  readonly #subscriber: Subscriber
  readonly #stream: string | undefined
  readonly #cursors: CursorStore
  readonly #batchSize: number
  readonly #retryAfter: (attempt: number) => number
  readonly #track: Track | undefined
  #handler: EventHandler | undefined
  #following: Subscription | undefined
  /** Wakes it to handle events, and to pass over those that it does not want. */
  #wakeTimer: NodeJS.Timeout | undefined
  #passingTimer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #running = false
  /** Whether it is parked only because the disk refused to take what it made, which is no fault of its own. */
  #waitsForDisk = false

  /** @throws InvalidSubscriberError */
  constructor(journal: Journal, subscriber: Subscriber, options: RunnerOptions = {}) {
    assertSubscriber(subscriber)
    this.#journal = journal
    this.#subscriber = subscriber
    this.#stream = options.stream
    this.#batchSize = options.batchSize ?? 500
    this.#retryAfter = options.retryAfter ?? (attempt => 100 * 4 ** (attempt - 1))
    this.#track = options.track
    const scope = options.stream ?? wholeJournal
    this.#cursors = journal.query(database => new CursorStore(database, subscriber.name, scope))
    const cursor = journal.query(() => this.#cursors.read()?.cursor ?? 0)
    const input = { name: subscriber.name, cursor, maximumAttempts: options.maximumAttempts ?? 3 }
    const spawn = options.spawn ?? (input => createActor(subscriberMachine, { input }).start())
    this.actor = spawn(input)
  }

  get name(): string {
    return this.#subscriber.name
  }

  /** Catches up and then follows whatever this or another process appends. */
  start(): this {
    this.#following = this.#journal.wake$.subscribe({
      next: event => this.#gather(event),
      complete: () => this.#stopWaiting(),
    })
    this.#onWake()
    return this
  }

  /** Handles everything there is, waiting out retries; resolves when it is up to date, parked or stopped. */
  async settle(): Promise<void> {
    this.#onWake()
    await waitFor(this.actor, ({ value }) => value === 'live' || value === 'parked' || value === 'stopped', {
      timeout: Number.POSITIVE_INFINITY,
    })
  }

  /** Whether there are events that it has not handled and will: it waits for nobody who would have it try again. */
  get isAtWork(): boolean {
    const state = this.#state
    return state !== 'parked' && state !== 'stopped' && this.#isBehind()
  }

  /** Lets a parked subscriber try again. */
  retry(): void {
    this.actor.send({ type: 'retry' })
    this.#onWake()
  }

  /** Forgets everything that it made of its scope and begins again from the first event. */
  rebuild(): void {
    this.#journal.transaction(database => {
      this.#prepare(database)
      clearTables(database, this.#subscriber, this.#stream)
      this.#cursors.forget()
    })
    this.actor.send({ type: 'rewound' })
    if (this.#following !== undefined) this.#onWake()
  }

  /** Stops following. The cursor is kept. */
  stop(): void {
    this.#following?.unsubscribe()
    clearTimeout(this.#retryTimer)
    this.#stopWaiting()
    this.actor.send({ type: 'stop' })
  }

  get #state() {
    return this.actor.getSnapshot().value
  }

  /** @param event was appended by this process; undefined where another one has appended something */
  #gather(event: RecordedEvent | undefined): void {
    if (this.#wakeTimer !== undefined) return
    if (event !== undefined && this.#stream !== undefined && event.stream !== this.#stream) return
    const isWanted = event === undefined || (this.#subscriber.types?.includes(event.type) ?? true)
    if (isWanted) this.#wakeTimer = setTimeout(() => this.#onWake(), gatherFor)
    else this.#passingTimer ??= setTimeout(() => this.#onWake(), passOverAfter)
  }

  #stopWaiting(): void {
    clearTimeout(this.#wakeTimer)
    clearTimeout(this.#passingTimer)
    this.#wakeTimer = undefined
    this.#passingTimer = undefined
  }

  #onWake(): void {
    this.#stopWaiting()
    // Something was appended, so the disk may take more by now.
    if (this.#waitsForDisk && this.#state === 'parked') this.actor.send({ type: 'retry' })
    if (!this.#running) this.#run()
  }

  /** Batch after batch; the event loop breathes between them, so that a long history does not stop training. */
  #run(): void {
    this.#running = this.#state === 'catching-up' || (this.#state === 'live' && this.#isBehind())
    if (!this.#running) return
    this.#track?.begin(this.name)
    this.#work()
    this.#track?.end(this.name)
    this.#running = this.#state === 'catching-up'
    if (this.#running) setImmediate(() => this.#run())
  }

  #isBehind(): boolean {
    const head = this.#stream === undefined ? this.#journal.head : this.#journal.streamVersion(this.#stream)
    return head > this.actor.getSnapshot().context.cursor
  }

  /** One batch, or as much of it as goes well. */
  #work(): void {
    let upTo = Number.POSITIVE_INFINITY
    for (;;) {
      const progress = new Progress()
      try {
        const handler = this.#prepared()
        const cursor = this.#journal.transaction(() => this.#batch(handler, upTo, progress))
        faultPoint('subscriber.committed')
        this.actor.send({ type: 'batch.committed', cursor, events: progress.events })
        // One that was up to date mostly is so again after one batch, and did not fall behind in between.
        const isBehind = this.#isBehind()
        if (isBehind && this.#state === 'live') this.actor.send({ type: 'fell-behind' })
        if (!isBehind && this.#state === 'catching-up') this.actor.send({ type: 'caught-up' })
        return
      } catch (error) {
        const { current, handled, previous } = progress
        // The events before the one that failed are good: they are committed first, without it. Where all were handled and
        // their rows could not be written, one less is tried.
        const last = handled !== undefined && this.#place(handled) < upTo ? handled : previous
        if (last === undefined) {
          this.#fail(current ?? handled, error)
          return
        }
        upTo = this.#place(last)
      }
    }
  }

  /** @returns how far the cursor has come */
  #batch(handler: EventHandler, upTo: number, progress: Progress): number {
    // Read inside the transaction: another process may have handled these events meanwhile.
    const after = this.#cursors.read()?.cursor ?? 0
    const head = this.#stream === undefined ? this.#journal.head : this.#journal.streamVersion(this.#stream)
    const until = Math.min(head, upTo)
    const [stream, types, limit] = [this.#stream, this.#subscriber.types, this.#batchSize]
    // Read in pages that are smaller than a batch: what was made of an event can then be let go of soon, which costs far
    // less than letting go of it late.
    const events = this.#journal.read({
      ...{ after, until, limit },
      ...(stream === undefined ? {} : { stream }),
      ...(types === undefined ? {} : { types }),
    })
    handler.handle(events, progress)
    const { handled } = progress
    // A batch that is not full has passed over everything up to its bound.
    const isFull = handled !== undefined && progress.events === limit
    const cursor = isFull ? this.#place(handled) : Math.max(after, until)
    this.#cursors.advance(this.#subscriber.revision, cursor)
    faultPoint('subscriber.uncommitted')
    return cursor
  }

  #prepared(): EventHandler {
    if (this.#handler === undefined) {
      this.#journal.transaction(database => this.#prepare(database))
      this.#handler = this.#journal.query(
        database => new EventHandler(this.#subscriber, database, (stream, fact) => this.#appendOnce(stream, fact)),
      )
    }
    return this.#handler
  }

  /** Makes the tables, anew where they are those of another revision. */
  #prepare(database: Database.Database): void {
    if (this.#cursors.hasOtherRevision(this.#subscriber.revision)) {
      dropTables(database, this.#subscriber)
      this.#cursors.forgetEveryScope()
    }
    createTables(database, this.#subscriber)
  }

  #appendOnce(stream: string, fact: NewEvent): void {
    try {
      this.#journal.append(stream, [fact])
    } catch (error) {
      // An earlier revision, or another processor's arithmetic, has put it otherwise: what was told stays told.
      if (!(error instanceof EventIdConflictError)) throw error
    }
  }

  #place(event: RecordedEvent): number {
    return this.#stream === undefined ? event.position : event.version
  }

  #fail(event: RecordedEvent | undefined, error: unknown): void {
    const position = event?.position ?? 0
    const reason = describeError(error)
    this.actor.send({ type: 'batch.failed', position, error: reason })
    this.#waitsForDisk = error instanceof JournalWriteError
    if (this.#state === 'parked') {
      if (!this.#waitsForDisk) this.#park(position, reason)
      return
    }
    this.#retryTimer = setTimeout(() => this.retry(), this.#retryAfter(this.actor.getSnapshot().context.attempts))
  }

  #park(position: number, reason: string): void {
    try {
      this.#journal.transaction(() => this.#cursors.park(this.#subscriber.revision, position, reason))
    } catch (error) {
      // Where the disk takes nothing more, the actor alone remembers; the cursor is right as it stands.
      if (!(error instanceof JournalWriteError)) throw error
    }
  }
}

/**
 * Settles those that follow one journal together: until none of them has added anything, such as a diagnosis, that another
 * one has not handled.
 */
export async function settleTogether(runners: readonly SubscriberRunner[]): Promise<void> {
  do {
    for (const runner of runners) await runner.settle()
  } while (runners.some(runner => runner.isAtWork))
}
