import { useEffect, useRef, useState } from 'preact/hooks'
import { getAnswer } from './get-answer.ts'
import { usePaced } from './use-paced.ts'

/** What is known of something that was asked for. */
export interface Asked<Answer> {
  /** The latest answer, also while a newer one is on its way. */
  readonly answer: Answer | null
  readonly error: string | null
  /** Asks again. */
  readonly again: () => void
}

/** In milliseconds: what a person changes quicker, as a slider that is dragged, is asked for at its last place. */
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
  const isGone = useRef(false)
  const again = usePaced(async () => {
    try {
      const answer = await get(address)
      if (!isGone.current) setKnown({ answer, error: null })
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error)
      if (!isGone.current) setKnown(({ answer }) => ({ answer, error: sentence }))
    }
  }, shortestRest)
  useEffect(again, [again, address])
  useEffect(() => {
    isGone.current = false
    return () => {
      isGone.current = true
    }
  }, [])
  return { ...known, again }
}
