import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** In pixels; the style sheet has the same. */
export const rowHeight = 30

/** Rows that are made beyond what is seen, so that scrolling shows no gap. */
const beyond = 8

interface ListProperties {
  label: string
  /** How many rows there are. */
  count: number
  row: (index: number) => ComponentChildren
  /** Told which rows are made. */
  seen?: (first: number, last: number) => void
}

/** A list of any length, of which only the rows in sight are made. */
export function VirtualList({ label, count, row, seen }: ListProperties) {
  const place = useRef<HTMLElement>(null)
  const [{ top, height }, setSight] = useState({ top: 0, height: 0 })
  const look = () => {
    const { current } = place
    if (current !== null) setSight({ top: current.scrollTop, height: current.clientHeight })
  }
  useLayoutEffect(() => {
    look()
    const observer = new ResizeObserver(look)
    if (place.current !== null) observer.observe(place.current)
    return () => observer.disconnect()
  }, [])
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond)
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + beyond)
  useLayoutEffect(() => seen?.(first, last), [first, last, seen])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section class="virtual-list" ref={place} onScroll={look} tabIndex={0} aria-label={label} data-scrolls>
      <ol style={{ height: `${count * rowHeight}px` }}>
        {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
          const index = first + offset
          return (
            <li key={index} style={{ top: `${index * rowHeight}px` }}>
              {row(index)}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
