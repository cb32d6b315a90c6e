import { useEffect, useRef } from 'preact/hooks'

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

/** Tells of the arrow keys, wherever they are not needed for something else: in fields, lists and sliders they are. */
export function useStepKeys(move: (by: number) => void): void {
  const latest = useRef(move)
  latest.current = move
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const by = steps[event.key]
      if (by === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      if (event.target instanceof Element && event.target.closest('input, select, textarea, dialog, [data-scrolls]'))
        return
      event.preventDefault()
      latest.current(by)
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}
