import { Observable } from 'rxjs'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { EventReader, ReadOptions } from './event-reader.ts'

/** What a feed tells: an event, or, once, that everything which had happened by then has been told. */
export type FeedItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'caught-up'; readonly after: number }

/** Which events to follow; `after` is a version where a stream is named, and a position otherwise. */
export type FeedOptions = Pick<ReadOptions, 'stream' | 'after' | 'types'>

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
    let woken = false

    const readOn = (): void => {
      if (observer.closed) return
      reading = true
      woken = false
      let page: RecordedEvent[]
      try {
        page = reader.readPage({ ...options, after })
      } catch (error) {
        observer.error(error)
        return
      }
      for (const event of page) {
        if (observer.closed) return
        after = options.stream === undefined ? event.position : event.version
        observer.next({ kind: 'event', event })
      }
      if (observer.closed) return
      if (page.length > 0 || woken) {
        setImmediate(readOn)
        return
      }
      reading = false
      if (!caughtUp) {
        caughtUp = true
        observer.next({ kind: 'caught-up', after })
      }
    }

    const subscription = wake$.subscribe({
      next: () => {
        woken = true
        if (!reading) setImmediate(readOn)
        reading = true
      },
      complete: () => observer.complete(),
    })
    readOn()
    return subscription
  })
}
