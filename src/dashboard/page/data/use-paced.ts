import { useCallback, useEffect, useRef } from 'preact/hooks'

/** How many times as long as something took one rests before it is done again, so that looking on costs little. */
const restFactor = 4

/** In milliseconds: nobody waits longer for what they have asked for since. */
const longestRest = 2_000

/** For how long a page hurries, in milliseconds. */
const hurryFor = 10_000

const hurrying = new EventTarget()
let hurriesUntil = 0

/** Lets also a page that nobody sees go on for a while: something has happened after which its server may be gone. */
export function hurry(): void {
  hurriesUntil = performance.now() + hurryFor
  hurrying.dispatchEvent(new Event('hurry'))
}

/**
 * Does something whenever it is asked for, but one time after the other and with rests between them: what is asked for meanwhile
 * is done once. A page that nobody sees does nothing until it is seen again.
 *
 * @param work what to do, with what it was given last
 * @param shortestRest in milliseconds
 */
export function usePaced(work: () => Promise<unknown>, shortestRest: number): () => void {
  const latest = useRef(work)
  latest.current = work
  const state = useRef({ isWanted: false, isBusy: false, isGone: false })
  useEffect(() => {
    state.current.isGone = false
    return () => {
      state.current.isGone = true
    }
  }, [])
  return useCallback(async () => {
    const { current } = state
    current.isWanted = true
    if (current.isBusy) return
    current.isBusy = true
    while (current.isWanted && !current.isGone) {
      current.isWanted = false
      const began = performance.now()
      await latest.current()
      const took = performance.now() - began
      await new Promise(resolve =>
        setTimeout(resolve, Math.min(longestRest, Math.max(shortestRest, restFactor * took))),
      )
      await seen()
    }
    current.isBusy = false
  }, [shortestRest])
}

/** When what was learnt is on the screen. Of a page that nobody sees there are no frames. */
function seen(): Promise<void> {
  if (performance.now() < hurriesUntil) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      hurrying.removeEventListener('hurry', done)
      cancelAnimationFrame(frame)
      resolve()
    }
    const frame = requestAnimationFrame(done)
    hurrying.addEventListener('hurry', done)
  })
}
