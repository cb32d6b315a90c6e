import { useEffect, useRef, useState } from 'preact/hooks'
import type { Released } from '../../answers/live.ts'
import { hurry } from './use-paced.ts'

/** How long one waits for a server that has refused, in milliseconds. */
const retryAfter = 2_000

/**
 * Listens to what the server tells, for as long as it is shown. The browser itself connects again where the line broke, and
 * says where it was; where the server refused, a new line is opened.
 *
 * @param handlers `told`: of each message; `connected`: whenever a line stands, also again; `released`: of each run that its
 *   process let go of
 * @returns whether a line stands
 */
export function useLive<Message>(
  address: string | null,
  handlers: {
    readonly told: (message: Message) => void
    readonly connected: () => void
    readonly released?: (run: Released) => void
  },
): boolean {
  const [isConnected, setConnected] = useState(false)
  const latest = useRef(handlers)
  latest.current = handlers
  useEffect(() => {
    if (address === null) return
    let source: EventSource
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = () => {
      source = new EventSource(address)
      source.onopen = () => {
        setConnected(true)
        latest.current.connected()
      }
      source.onmessage = ({ data }) => latest.current.told(JSON.parse(data))
      source.addEventListener('released', ({ data }) => {
        hurry()
        latest.current.released?.(JSON.parse(data))
      })
      source.onerror = () => {
        setConnected(false)
        if (source.readyState !== EventSource.CLOSED) return
        timer = setTimeout(connect, retryAfter)
      }
    }
    connect()
    return () => {
      clearTimeout(timer)
      source.close()
    }
  }, [address])
  return isConnected
}
