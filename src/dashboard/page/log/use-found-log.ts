import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LogAnswer, LogEntry } from '../../answers/logged-events.ts'
import { getAnswer, runAddress } from '../data/get-answer.ts'
import { usePaced } from '../data/use-paced.ts'
import type { LogChoice, LogRows } from './log-rows.ts'

/** In milliseconds: one who types, and a run that goes on, are not followed oftener. */
const shortestRest = 300

/** What fits a choice, the latest first. */
interface Found {
  entries: readonly LogEntry[]
  /** The version up to which it was looked for; 0 before it was. */
  until: number
  /** Before which version there may be more; null where there is no more. */
  next: number | null
  isMoreWanted: boolean
}

/**
 * What fits a choice is found by the server, stretch after stretch; as a run goes on, only what is new is looked through.
 *
 * @param version up to which; null where nothing is wanted
 */
export function useFoundLog(run: string, version: number | null, attempts: number, { type, text }: LogChoice): LogRows {
  const found = useMemo<Found>(
    () => ({ entries: [], until: 0, next: null, isMoreWanted: false }),
    [run, attempts, type, text],
  )
  const latest = useRef(found)
  latest.current = found
  const [error, setError] = useState<string | null>(null)
  const [, redraw] = useState(0)

  const follow = usePaced(async () => {
    if (version === null) return
    const read = reader(run, { type, text }, () => found === latest.current)
    try {
      const isLater = found.until > 0 && found.until <= version
      if (isLater) found.entries = [...(await read.between(found.until, version)), ...found.entries]
      else Object.assign(found, await read.before(version + 1))
      found.until = version
      if (found.isMoreWanted && found.next !== null) {
        const { entries, next } = await read.before(found.next)
        Object.assign(found, { entries: [...found.entries, ...entries], next })
      }
      found.isMoreWanted = false
      setError(null)
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure))
    }
    redraw(count => count + 1)
  }, shortestRest)
  useEffect(follow, [follow, found, version])
  // Of an earlier moment those that are later are not shown, also while it is being looked for.
  const shown = found.entries.filter(entry => entry.version <= (version ?? 0))
  const seen = useCallback(
    (_: number, last: number) => {
      if (found.next === null || last < shown.length) return
      found.isMoreWanted = true
      follow()
    },
    [found, follow, shown.length],
  )
  const isWaiting = version !== null && found.until === 0 && error === null
  return { count: shown.length, entry: index => shown[index], seen, isWaiting, error }
}

/** @param isWanted whether anybody still waits for what is found */
function reader(run: string, { type, text }: LogChoice, isWanted: () => boolean) {
  const ask = (place: Readonly<Record<string, string>>) => {
    const query = new URLSearchParams(place)
    if (type !== '') query.append('type', type)
    if (text !== '') query.append('text', text)
    return getAnswer<LogAnswer>(runAddress(run, `/events?${query}`))
  }
  return {
    /** The latest before a version: at least one, where there is any, as a long stretch may hold nothing that fits. */
    async before(version: number): Promise<Pick<Found, 'entries' | 'next'>> {
      let answer: LogAnswer = { events: [], next: version }
      while (answer.events.length === 0 && answer.next !== null && isWanted()) {
        answer = await ask({ before: String(answer.next), limit: '200' })
      }
      return { entries: answer.events, next: answer.next }
    },
    /** All after one version up to another. */
    async between(after: number, until: number): Promise<readonly LogEntry[]> {
      const events: LogEntry[] = []
      let next: number | null = after
      while (next !== null && next < until && isWanted()) {
        const answer: LogAnswer = await ask({ after: String(next) })
        events.push(...answer.events.filter(({ version }) => version <= until))
        next = answer.next
      }
      return events.reverse()
    },
  }
}
