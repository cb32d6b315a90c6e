import { useCallback, useMemo, useState } from 'preact/hooks'
import type { LogAnswer, LogEntry } from '../../answers/logged-events.ts'
import { getAnswer, runAddress } from '../data/get-answer.ts'
import type { LogRows } from './log-rows.ts'

/** Events that are asked for at once. */
const size = 200

/** So many events after one another, as far as they are known. */
interface Stretch {
  readonly events: LogEntry[]
  /** How many of them are to be known. */
  wanted: number
  isAsked: boolean
}

/** Versions are without gaps, so that every row has its place from the beginning. An event that is known is not asked for again. */
export function useWholeLog(run: string, version: number, attempts: number): LogRows {
  // Another attempt supersedes events that were asked for before: with it one begins anew.
  const stretches = useMemo(() => new Map<number, Stretch>(), [run, attempts])
  const [error, setError] = useState<string | null>(null)
  const [, redraw] = useState(0)

  const ask = useCallback(
    async (place: number, stretch: Stretch) => {
      const { events } = stretch
      if (stretch.isAsked) return
      stretch.isAsked = true
      try {
        while (events.length < stretch.wanted) {
          const query = `after=${place * size + events.length}&limit=${size - events.length}`
          const answer = await getAnswer<LogAnswer>(runAddress(run, `/events?${query}`))
          if (answer.events.length === 0) break
          events.push(...answer.events)
          redraw(count => count + 1)
        }
        setError(null)
      } catch (failure) {
        setError(failure instanceof Error ? failure.message : String(failure))
      }
      stretch.isAsked = false
    },
    [run],
  )
  const seen = useCallback(
    (first: number, last: number) => {
      const [newest, oldest] = [version - first, Math.max(1, version - last + 1)]
      for (let place = Math.floor((oldest - 1) / size); place * size < newest; place++) {
        const stretch = stretches.get(place) ?? { events: [], wanted: 0, isAsked: false }
        stretches.set(place, stretch)
        stretch.wanted = Math.max(stretch.wanted, Math.min(size, newest - place * size))
        if (stretch.events.length < stretch.wanted) ask(place, stretch)
      }
    },
    [version, ask, stretches],
  )
  return {
    count: version,
    entry: index => {
      const before = version - index - 1
      return stretches.get(Math.floor(before / size))?.events[before % size]
    },
    seen,
    isWaiting: false,
    error,
  }
}
