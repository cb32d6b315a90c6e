import type Database from 'better-sqlite3'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { NewEvent, RecordedEvent } from '../events/recorded-event.ts'
import { type Prepare, preparedOnce } from '../journal/prepared-once.ts'
import type { ConsequentFact, Held, OpenHeld, Subscriber, SubscriberContext } from './subscriber.ts'

/** A subscriber's `handle` did not finish at once, so its rows could not be committed with its cursor. */
export class AsynchronousHandlerError extends ChronogradError {
  constructor(subscriber: string) {
    super(
      `The subscriber ${subscriber} returned a promise from handle; make it synchronous, and do what takes time in a listener of journal.events$.`,
    )
  }
}

/** How far a batch of events has come. */
export class Progress {
  /** Events handled. */
  events = 0
  /** The last of them, and the one before it. */
  handled: RecordedEvent | undefined
  previous: RecordedEvent | undefined
  /** The one that is being handled; none while the next one is read. */
  current: RecordedEvent | undefined
}

/** Hands events to a subscriber with a context over one database, batch by batch. */
export class EventHandler {
  readonly #subscriber: Subscriber
  readonly #append: (stream: string, event: NewEvent) => void
  readonly #statement: Prepare
  readonly #held = new Map<OpenHeld<Held>, Map<string, Held>>()

  /** @param append what becomes of facts that follow from events; a rebuild into scratch tables lets them go */
  constructor(
    subscriber: Subscriber,
    database: Database.Database,
    append: (stream: string, event: NewEvent) => void = () => {},
  ) {
    this.#subscriber = subscriber
    this.#statement = preparedOnce(database)
    this.#append = append
  }

  /**
   * Handles some events, and writes what was held open for them.
   *
   * @param progress tells how far it came, also when it throws
   * @throws AsynchronousHandlerError, and whatever the subscriber throws; nothing is held then
   */
  handle(events: Iterable<RecordedEvent>, progress = new Progress()): void {
    try {
      for (const event of events) {
        progress.current = event
        this.#handle(event)
        progress.current = undefined
        progress.previous = progress.handled
        progress.handled = event
        progress.events++
      }
      for (const opened of this.#held.values()) for (const held of opened.values()) held.save()
    } finally {
      this.#held.clear()
    }
  }

  #handle(event: RecordedEvent): void {
    const { name } = this.#subscriber
    const context: SubscriberContext = {
      statement: this.#statement,
      append: ({ type, data }: ConsequentFact, key: string) =>
        this.#append(event.stream, {
          type,
          data,
          id: `${name}/${event.id}/${key}`,
          meta: { ...event.meta, causation: event.id },
        }),
      hold: this.#hold,
    }
    const returned: unknown = this.#subscriber.handle(event, context)
    if (returned instanceof Promise) {
      returned.catch(() => {})
      throw new AsynchronousHandlerError(name)
    }
  }

  readonly #hold = <Kept extends Held>(open: OpenHeld<Kept>, key: string): Kept => {
    let opened = this.#held.get(open)
    if (opened === undefined) {
      opened = new Map()
      this.#held.set(open, opened)
    }
    let held = opened.get(key)
    if (held === undefined) {
      held = open(key, { statement: this.#statement })
      opened.set(key, held)
    }
    // Whatever lies under a function was opened by it.
    return held as Kept
  }
}
