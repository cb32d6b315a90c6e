import { useEffect, useState } from 'preact/hooks'

/** Ages are told anew so often, in milliseconds. */
const every = 10_000

/** The present, so that what is told of it does not grow old. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [])
  // Another reason to draw brings a later present with it.
  return Math.max(now, Date.now())
}
