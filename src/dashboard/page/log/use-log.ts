import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LogAnswer, LogEntry } from '../../answers.ts'
import { getAnswer, runAddress } from '../data/get-answer.ts'

/** Events that are asked for at once. */
const stretch = 200

export interface LogChoice {
  /** Empty for every type. */
  readonly type: string
  readonly text: string
}

export interface LogRows {
  /** How many rows are known of. */
  readonly count: number
  /** The event of a row, the latest first; undefined while it is on its way. */
  readonly entry: (index: number) => LogEntry | undefined
  /** To be told which rows are in sight. */
  readonly seen: (first: number, last: number) => void
  readonly error: string | null
}

/**
 * The events of a run up to a version, the latest first, asked for as they come into sight.
 *
 * @param attempts how many there are: with each, other events are superseded
 */
export function useLog(run: string, version: number, attempts: number, choice: LogChoice): LogRows {
  const isFiltered = choice.type !== '' || choice.text !== ''
  const whole = useWholeLog(run, version, attempts)
  const found = useFoundLog(run, isFiltered ? version : null, choice)
  return isFiltered ? found : whole
}

/** Versions are without gaps, so that every row has its place from the beginning. */
function useWholeLog(run: string, version: number, attempts: number): LogRows {
  // Another attempt supersedes events that were asked for before: with it one begins anew.
  const stretches = useMemo(
    () => ({ run, attempts, known: new Map<number, LogAnswer['events'] | 'asked'>() }),
    [run, attempts],
  )
  const [error, setError] = useState<string | null>(null)
  const [, redraw] = useState(0)

  const ask = useCallback(
    async (place: number) => {
      const { known } = stretches
      const before = known.get(place)
      if (before === 'asked') return
      known.set(place, 'asked')
      try {
        const { events } = await getAnswer<LogAnswer>(
          runAddress(run, `/events?after=${place * stretch}&limit=${stretch}`),
        )
        known.set(place, events)
        setError(null)
      } catch (failure) {
        known.delete(place)
        setError(failure instanceof Error ? failure.message : String(failure))
      }
      redraw(count => count + 1)
    },
    [run, stretches],
  )
  const entryOf = (wanted: number): LogEntry | undefined => {
    const known = stretches.known.get(Math.floor((wanted - 1) / stretch))
    return known === 'asked' ? undefined : known?.[(wanted - 1) % stretch]
  }
  const seen = useCallback(
    (first: number, last: number) => {
      const [newest, oldest] = [version - first, Math.max(1, version - last + 1)]
      for (let place = Math.floor((oldest - 1) / stretch); place * stretch < newest; place++) {
        const known = stretches.known.get(place)
        const end = Math.min(newest, (place + 1) * stretch) - place * stretch
        if (known === undefined || (known !== 'asked' && known.length < end)) ask(place)
      }
    },
    [version, ask, stretches],
  )
  return { count: version, entry: index => entryOf(version - index), seen, error }
}

/** What fits a choice is found by the server, stretch after stretch. */
function useFoundLog(run: string, version: number | null, { type, text }: LogChoice): LogRows {
  const [entries, setEntries] = useState<readonly LogEntry[]>([])
  const [next, setNext] = useState<number | null>(null)
  const [error, setError] = useState<string | null>(null)
  const question = useRef(0)
  const isAsking = useRef(false)

  const ask = useCallback(
    async (before: number, earlier: readonly LogEntry[]) => {
      const asked = ++question.current
      isAsking.current = true
      const query = new URLSearchParams({ before: String(before), limit: String(stretch) })
      if (type !== '') query.append('type', type)
      if (text !== '') query.append('text', text)
      try {
        const answer = await getAnswer<LogAnswer>(runAddress(run, `/events?${query}`))
        if (asked !== question.current) return
        setEntries([...earlier, ...answer.events])
        setNext(answer.next)
        setError(null)
        isAsking.current = false
        // A long stretch may hold nothing that fits.
        if (answer.events.length === 0 && answer.next !== null) await ask(answer.next, earlier)
      } catch (failure) {
        isAsking.current = false
        if (asked === question.current) setError(failure instanceof Error ? failure.message : String(failure))
      }
    },
    [run, type, text],
  )
  useEffect(() => {
    if (version === null) return
    const timer = setTimeout(ask, 300, version + 1, [])
    return () => clearTimeout(timer)
  }, [version, ask])
  const seen = useCallback(
    (_: number, last: number) => {
      if (next !== null && last >= entries.length && !isAsking.current) ask(next, entries)
    },
    [next, entries, ask],
  )
  return { count: entries.length, entry: index => entries[index], seen, error }
}
