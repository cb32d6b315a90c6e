import { Observable } from 'rxjs'
import type { RecordedEvent } from '../events/recorded-event.ts'
import { type EventReader, pageSize, type ReadOptions } from './event-reader.ts'

/** What a feed tells: an event, or, once, that everything which had happened by then has been told. */
export type FeedItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'caught-up'; readonly after: number }

/** Which events to follow; `after` is a version where a stream is named, and a position otherwise. */
export type FeedOptions = Pick<ReadOptions, 'stream' | 'after' | 'types'>

/**
 * How far one turn reads. It bounds how long a turn takes where few events are of the wanted types, and a feed never
 * goes over what it has passed again.
 */
const reach = 10 * pageSize

/**
 * Past events first, then live ones, each once and in order. Pages are read one at a time and the event loop breathes
 * between them, so a long history neither fills memory nor stops training.
 *
 * @param wake$ ticks whenever something may have been appended, by this process or another
 */
export function eventFeed(reader: EventReader, wake$: Observable<unknown>, options: FeedOptions): Observable<FeedItem> {
  return new Observable<FeedItem>(observer => {
    let after = options.after ?? 0
    let caughtUp = false
    let reading = false

    const readOn = (): void => {
      if (observer.closed) return
      let until: number
      let page: RecordedEvent[]
      try {
        until = Math.min(reader.head(options.stream), after + reach)
        page = until > after ? reader.readPage({ ...options, after, until }) : []
      } catch (error) {
        observer.error(error)
        return
      }
      if (until <= after) {
        reading = false
        if (!caughtUp) {
          caughtUp = true
          observer.next({ kind: 'caught-up', after })
        }
        return
      }
      for (const event of page) {
        observer.next({ kind: 'event', event })
        if (observer.closed) return
        after = options.stream === undefined ? event.position : event.version
      }
      if (page.length < pageSize) after = until
      setImmediate(readOn)
    }

    const readSoon = (): void => {
      if (reading) return
      reading = true
      setImmediate(readOn)
    }

    const subscription = wake$.subscribe({
      next: readSoon,
      error: error => observer.error(error),
      complete: () => observer.complete(),
    })
    reading = true
    readOn()
    return subscription
  })
}
