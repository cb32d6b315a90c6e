import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** In pixels: what comes into sight is drawn before it is there. */
const nearness = 600

/**
 * Whether an element is in sight, or would be after a little scrolling.
 *
 * @param within how far from sight is near, in pixels; 0 for what is in sight itself
 */
export function useIsNear(element: RefObject<Element | null>, within = nearness): boolean {
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    if (element.current === null) return
    const observer = new IntersectionObserver(entries => setNear(entries.at(-1)?.isIntersecting === true), {
      rootMargin: `${within}px 0px`,
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element, within])
  return isNear
}
