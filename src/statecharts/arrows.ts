import { eventLabel } from './event-label.ts'
import type { ChartTransition, Statechart } from './statechart.ts'

/** All transitions from one state to another, drawn as one arrow. */
export interface Arrow {
  /** Tells it from the chart's other arrows. */
  readonly id: string
  readonly from: string
  readonly to: string
  readonly labels: readonly ArrowLabel[]
}

export interface ArrowLabel {
  /** As XState calls it; empty for a transition that is taken by itself. */
  readonly event: string
  /** As it is written beside the arrow: the event, or what lets the machine go by itself. */
  readonly text: string
  /** The name of its guard; empty without one. */
  readonly guard: string
  /** The whole of it, with guard and actions. */
  readonly title: string
}

/** What moves a machine from one state to another: an arrow for each pair, with a label for each transition. */
export function arrowsOf({ transitions }: Statechart): Arrow[] {
  const arrows = new Map<string, { from: string; to: string; labels: ArrowLabel[] }>()
  for (const transition of transitions) {
    for (const to of transition.to) {
      const id = `${transition.from} → ${to}`
      const arrow = arrows.get(id) ?? { from: transition.from, to, labels: [] }
      arrow.labels.push(labelOf(transition))
      arrows.set(id, arrow)
    }
  }
  return [...arrows].map(([id, arrow]) => ({ id, ...arrow }))
}

function labelOf({ event, guard, actions }: ChartTransition): ArrowLabel {
  const condition = guard === '' ? '' : ` [${guard}]`
  const deeds = actions.length === 0 ? '' : ` / ${actions.join(', ')}`
  return {
    event,
    guard,
    text: event === '' && guard !== '' ? `[${guard}]` : eventLabel(event),
    title: `${eventLabel(event)}${condition}${deeds}`,
  }
}
