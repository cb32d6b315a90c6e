import { useCallback, useEffect, useRef } from 'preact/hooks'

/** How many times as long as something took one rests before it is done again, so that looking on costs little. */
const restFactor = 4

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
      await new Promise(resolve => setTimeout(resolve, Math.max(shortestRest, restFactor * took)))
      // What was learnt is on the screen by then; of a page that nobody sees there are no frames.
      await new Promise(requestAnimationFrame)
    }
    current.isBusy = false
  }, [shortestRest])
}
