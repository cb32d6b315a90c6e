import { eventLabel } from './event-label.ts'
import type { ChartState, Statechart } from './statechart.ts'

/** A line in the box of a state, below its name. */
export interface StateLine {
  /** The event that it tells of, as XState calls it; null for what the state does by itself. */
  readonly event: string | null
  readonly text: string
}

/** What a state's box says: what it does on entry and exit, who works meanwhile, and the events that do not leave it. */
export function stateText({ transitions }: Statechart, state: ChartState): StateLine[] {
  const kept = transitions.filter(({ from, to }) => from === state.id && to.length === 0).map(({ event }) => event)
  return [
    ...state.entry.map(action => ({ event: null, text: `entry / ${action}` })),
    ...state.exit.map(action => ({ event: null, text: `exit / ${action}` })),
    ...state.invokes.map(actor => ({ event: null, text: `invokes ${actor}` })),
    ...[...new Set(kept)].map(event => ({ event, text: eventLabel(event) })),
  ]
}
