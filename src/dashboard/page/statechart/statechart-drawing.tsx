import { useEffect, useRef } from 'preact/hooks'
import type { MachineAnswer } from '../../answers/machine.ts'
import { activeStates } from './active-states.ts'
import { takenTransitions } from './taken-transitions.ts'

interface DrawingProperties {
  machine: MachineAnswer
  /** The machine's value before and after the event, as JSON, so that equal ones draw nothing anew. */
  before: string | undefined
  after: string | undefined
  event: string
  /** Whether all of it is seen; otherwise what is lit is moved to the middle. */
  isWhole: boolean
}

/** The server's drawing of any machine, with the states lit that it is in and the way drawn that led there. */
export function StatechartDrawing({ machine, before, after, event, isWhole }: DrawingProperties) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const drawing = new DOMParser().parseFromString(machine.svg, 'image/svg+xml').documentElement
    place.current?.replaceChildren(document.adoptNode(drawing))
  }, [machine])
  useEffect(() => {
    const drawing = place.current
    if (drawing === null) return
    const was = activeStates(machine.chart, parsed(before))
    const active = activeStates(machine.chart, parsed(after))
    const taken = takenTransitions(machine.chart, { before: was, after: active, event })
    // States around others that are lit, and the machine itself, have their edge lit alone.
    const parents = new Set(machine.chart.states.map(({ state }) => state.parent))
    for (const state of drawing.querySelectorAll('[data-state]')) {
      const id = state.getAttribute('data-state') ?? ''
      state.classList.toggle('active', active.has(id) && !parents.has(id))
      state.classList.toggle('around', active.has(id) && parents.has(id))
    }
    for (const arrow of drawing.querySelectorAll('[data-arrow]')) {
      arrow.classList.toggle('taken', taken.has(arrow.getAttribute('data-arrow') ?? ''))
    }
    for (const text of drawing.querySelectorAll('[data-event]')) {
      const arrow = text.closest('[data-arrow]')?.getAttribute('data-arrow')
      const state = text.closest('[data-state]')?.getAttribute('data-state')
      const isThere = arrow ? taken.has(arrow) : taken.size === 0 && was.has(state ?? '')
      text.classList.toggle('told', text.getAttribute('data-event') === event && isThere)
    }
  }, [machine, before, after, event])
  useEffect(() => {
    const [drawing, scrolled] = [place.current, place.current?.parentElement]
    if (isWhole || !drawing || !scrolled) return
    const box = [...drawing.querySelectorAll('.active > .box')].at(-1)?.getBoundingClientRect()
    if (box === undefined) return
    const frame = scrolled.getBoundingClientRect()
    scrolled.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2
    scrolled.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2
  }, [machine, after, isWhole])
  return <div ref={place} />
}

function parsed(value: string | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(value)
}
