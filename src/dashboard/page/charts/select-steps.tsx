import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Zoom } from './step-range.tsx'

/** A shorter way of the pointer is a click, in pixels. */
const shortest = 8

interface SelectProperties {
  /** The step at a distance from the left edge. */
  stepAt: (pixel: number) => number
  selected: (zoom: Zoom) => void
  children: ComponentChildren
}

/** Lets steps be selected by dragging over a chart with a mouse; a finger scrolls the page as ever. */
export function SelectSteps({ stepAt, selected, children }: SelectProperties) {
  const place = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null)
  const pixelOf = (event: PointerEvent) => event.clientX - (place.current?.getBoundingClientRect().left ?? 0)
  const end = () => {
    if (drag === null) return
    const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
    setDrag(null)
    if (to - from < shortest) return
    const first = Math.max(0, Math.floor(stepAt(from)))
    selected({ from: first, to: Math.max(first + 1, Math.ceil(stepAt(to))) })
  }
  return (
    <div
      ref={place}
      class="select-steps"
      onPointerDown={event => {
        if (event.pointerType !== 'mouse' || event.button !== 0) return
        setDrag({ from: pixelOf(event), to: pixelOf(event) })
      }}
      onPointerMove={event => drag !== null && setDrag({ ...drag, to: pixelOf(event) })}
      onPointerUp={end}
      onPointerLeave={() => setDrag(null)}
    >
      {children}
      {drag !== null && (
        <div
          class="selection"
          style={{ left: `${Math.min(drag.from, drag.to)}px`, width: `${Math.abs(drag.to - drag.from)}px` }}
        />
      )}
    </div>
  )
}
