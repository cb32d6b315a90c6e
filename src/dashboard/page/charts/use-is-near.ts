import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** So far from sight is near, in pixels: what comes into sight is drawn before it is there. */
const nearness = 600

/** Whether an element is in sight, or would be after a little scrolling. */
export function useIsNear(element: RefObject<Element | null>): boolean {
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    if (element.current === null) return
    const observer = new IntersectionObserver(entries => setNear(entries.at(-1)?.isIntersecting === true), {
      rootMargin: `${nearness}px 0px`,
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return isNear
}
