import { Observable } from 'rxjs'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { ReadOptions } from '../journal/event-reader.ts'
import type { Journal } from '../journal/journal.ts'

export interface PlaybackOptions extends Pick<ReadOptions, 'after' | 'until' | 'types'> {
  /** How many times as quick as it happened; `Infinity` for without any waiting. 1 unless given. */
  readonly speed?: number
  /**
   * The longest time between two events that counts, in milliseconds of the log: a longer one, such as the night between
   * two attempts, is played as so much. A minute unless given.
   */
  readonly longestGap?: number
}

/** A playback was asked for at a speed, or with a longest gap, that makes no sense. */
export class PlaybackError extends ChronogradError {}

/** How many events that are due at once are told before the event loop breathes. */
const inOneTurn = 500

/** What a timer of Node takes at most, in milliseconds. */
const longestTimer = 2 ** 31 - 1

/**
 * Plays the events of a stream, as many as there are when somebody subscribes, with the time between them that there was
 * when they were appended.
 *
 * One timer is alive at a time, and none after the last subscription has ended. A listener that takes longer than the
 * time until the next event is told what it is late for without waiting, and nothing is left out. Where the clock of the
 * log goes backwards, nothing is waited for.
 *
 * @throws PlaybackError
 *
 * @example
 * playback(journal, 'run/demo', { speed: 10 }).subscribe(event => console.log(event.version, event.type))
 */
export function playback(
  journal: Journal,
  stream: string,
  { speed = 1, longestGap = 60_000, ...options }: PlaybackOptions = {},
): Observable<RecordedEvent> {
  if (!(speed > 0)) throw new PlaybackError(`A playback cannot have the speed ${speed}; give a number above 0.`)
  if (!(longestGap >= 0)) {
    throw new PlaybackError(`A gap of ${longestGap} ms cannot be the longest; give a number from 0.`)
  }
  return new Observable<RecordedEvent>(observer => {
    const until = Math.min(options.until ?? Number.MAX_SAFE_INTEGER, journal.streamVersion(stream))
    const events = journal.read({ ...options, stream, until })
    /** When the next event is due, by this process's clock. */
    let due = performance.now()
    let timer: NodeJS.Timeout | undefined

    const nextEvent = (): RecordedEvent | undefined => {
      try {
        const { value, done } = events.next()
        if (!done) return value
        observer.complete()
      } catch (error) {
        observer.error(error)
      }
      return undefined
    }

    const tell = (first: RecordedEvent | undefined): void => {
      let event = first
      for (let told = 1; event !== undefined && !observer.closed; told++) {
        const { at } = event
        observer.next(event)
        event = nextEvent()
        due += Math.min(longestGap, Math.max(0, (event?.at ?? at) - at)) / speed
        const wait = Math.min(due - performance.now(), longestTimer)
        if (event !== undefined && (wait > 0 || told === inOneTurn)) {
          timer = setTimeout(tell, wait, event)
          return
        }
      }
    }

    tell(nextEvent())
    return () => {
      clearTimeout(timer)
      events.return()
    }
  })
}
