import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { getAnswer } from './get-answer.ts'

/** What is known of something that was asked for. */
export interface Asked<Answer> {
  /** The latest answer, also while a newer one is on its way. */
  readonly answer: Answer | null
  readonly error: string | null
  /** Asks again. */
  readonly again: () => void
}

/** How many times as long as an answer took one waits before the next question, so that looking on costs little. */
const restFactor = 4

/** In milliseconds: at least so long, so that steps that come quicker are shown together. */
const shortestRest = 100

/**
 * Asks for what lies at an address, and anew when the address changes. One question is on its way at a time; of addresses
 * that changed meanwhile only the last is asked for.
 *
 * @param get how to ask, where asking by the address alone is not all
 */
export function useAnswer<Answer>(
  address: string,
  get: (address: string) => Promise<Answer> = getAnswer,
): Asked<Answer> {
  const [known, setKnown] = useState<Pick<Asked<Answer>, 'answer' | 'error'>>({ answer: null, error: null })
  const wanted = useRef<string | null>(null)
  const busy = useRef(false)
  const gone = useRef(false)
  const latest = useRef(get)
  latest.current = get

  const ask = useCallback(async () => {
    if (busy.current) return
    busy.current = true
    while (wanted.current !== null && !gone.current) {
      const asked = wanted.current
      wanted.current = null
      const began = performance.now()
      try {
        const answer = await latest.current(asked)
        if (!gone.current) setKnown({ answer, error: null })
      } catch (error) {
        const sentence = error instanceof Error ? error.message : String(error)
        if (!gone.current) setKnown(({ answer }) => ({ answer, error: sentence }))
      }
      await sleep(Math.max(shortestRest, restFactor * (performance.now() - began)))
    }
    busy.current = false
  }, [])

  const again = useCallback(() => {
    wanted.current = address
    ask()
  }, [address, ask])

  useEffect(() => again(), [again])
  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])
  return { ...known, again }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
