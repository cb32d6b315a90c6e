import { useEffect, useRef } from 'preact/hooks'
import type { MachineAnswer } from '../../answers.ts'
import { takenArrows } from './taken-arrows.ts'

interface DrawingProperties {
  machine: MachineAnswer
  /** The states before and after the event, without the machine's name. */
  before: string
  after: string
  event: string
  /** Whether all of it is seen; otherwise what is lit is moved to the middle. */
  isWhole: boolean
}

/** The server's drawing, which the page lights up: the drawing itself is made once. */
export function MachineDrawing({ machine, before, after, event, isWhole }: DrawingProperties) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const drawing = new DOMParser().parseFromString(machine.svg, 'image/svg+xml').documentElement
    place.current.replaceChildren(document.adoptNode(drawing))
  }, [machine])
  useEffect(() => {
    const drawing = place.current
    if (drawing === null) return
    const taken = new Set(takenArrows(machine, { before, after, event }))
    const active = `${machine.chart.id}.${after}`
    const told = (element: Element) => {
      const arrow = element.closest('[data-arrow]')?.getAttribute('data-arrow')
      if (arrow !== undefined && arrow !== null) return taken.has(arrow)
      return before === after && element.closest('[data-state]')?.getAttribute('data-state') === active
    }
    for (const state of drawing.querySelectorAll('[data-state]')) {
      state.classList.toggle('active', state.getAttribute('data-state') === active)
    }
    for (const arrow of drawing.querySelectorAll('[data-arrow]')) {
      arrow.classList.toggle('taken', taken.has(arrow.getAttribute('data-arrow') ?? ''))
    }
    for (const text of drawing.querySelectorAll('[data-event]')) {
      text.classList.toggle('told', text.getAttribute('data-event') === event && told(text))
    }
  }, [machine, before, after, event])
  useEffect(() => {
    const [drawing, scrolled] = [place.current, place.current?.parentElement]
    if (isWhole || !drawing || !scrolled) return
    const box = drawing.querySelector('.active > .box')?.getBoundingClientRect()
    if (box === undefined) return
    const frame = scrolled.getBoundingClientRect()
    scrolled.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2
    scrolled.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2
  }, [machine, after, isWhole])
  return <div ref={place} />
}
