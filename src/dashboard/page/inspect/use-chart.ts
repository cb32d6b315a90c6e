import { useEffect, useState } from 'preact/hooks'
import type { MachineAnswer } from '../../answers/machine.ts'
import { getAnswer } from '../data/get-answer.ts'

/** The drawing of each definition: many actors may share one. */
const drawn = new Map<string, Promise<MachineAnswer>>()

export interface Chart {
  /** Null while it is on its way, or where there is none. */
  readonly answer: MachineAnswer | null
  readonly error: string | null
}

/** The statechart of an actor's machine; none of an actor that is no machine. */
export function useChart(sessionId: string, definition: string): Chart {
  const [chart, setChart] = useState<Chart>({ answer: null, error: null })
  useEffect(() => {
    if (!isMachine(definition)) return
    let isGone = false
    chartOf(sessionId, definition).then(
      answer => !isGone && setChart({ answer, error: null }),
      (error: Error) => !isGone && setChart({ answer: null, error: error.message }),
    )
    return () => {
      isGone = true
    }
  }, [sessionId, definition])
  return chart
}

/** Asked for once, so that it is also there when the program has ended. */
export function chartOf(sessionId: string, definition: string): Promise<MachineAnswer> {
  const known = drawn.get(definition)
  if (known !== undefined) return known
  const asked = getAnswer<MachineAnswer>(`api/inspected/charts/${encodeURIComponent(sessionId)}`)
  drawn.set(definition, asked)
  // Who asks again may have more luck.
  asked.catch(() => drawn.delete(definition))
  return asked
}

/** Other actors' definitions have a name and nothing else. */
export function isMachine(definition: string | undefined): definition is string {
  return definition?.includes('"states":') === true
}
