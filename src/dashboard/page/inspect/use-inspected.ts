import { useRef, useState } from 'preact/hooks'
import type { LiveMessages } from '../../inspector/answers.ts'
import { useLive } from '../data/use-live.ts'
import { Inspected } from './told.ts'

/** What the inspected program tells, as it comes. Each batch of messages draws the page once. */
export function useInspected(): { readonly inspected: Inspected; readonly isConnected: boolean } {
  const inspected = useRef(new Inspected(null))
  const [, redraw] = useState(0)
  const isConnected = useLive<LiveMessages>('api/inspected/live', {
    connected: () => undefined,
    told: told => {
      if (told.program !== inspected.current.program) inspected.current = new Inspected(told.program)
      inspected.current.take(told)
      redraw(count => count + 1)
    },
  })
  return { inspected: inspected.current, isConnected }
}
