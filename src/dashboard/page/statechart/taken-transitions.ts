import type { PlacedStatechart } from '../../../statecharts/layout.ts'

/**
 * The arrows that a machine most likely went along with an event. Messages tell only what it was in before and after: an
 * arrow fits that is named after the event, begins where the machine was and leads to where it is; and from there those
 * that are taken by themselves.
 */
export function takenTransitions(
  { arrows, states }: PlacedStatechart,
  { before, after, event }: { before: ReadonlySet<string>; after: ReadonlySet<string>; event: string },
): Set<string> {
  const histories = new Map(
    states.flatMap(({ state: { id, kind, parent } }) => (kind === 'history' && parent !== null ? [[id, parent]] : [])),
  )
  const told = (wanted: (label: string) => boolean) =>
    arrows.filter(({ arrow }) => before.has(arrow.from) && arrow.labels.some(label => wanted(label.event)))
  const exact = told(label => label === event)
  const first = exact.length > 0 ? exact : told(label => isWildcard(label, event))
  const reached = (to: string) => after.has(to) || after.has(histories.get(to) ?? '')
  const taken = new Set<string>()
  /** Goes on by itself from a state that was entered only to be left. */
  const leadsOn = (from: string, steps: ReadonlySet<string>): string[] | undefined => {
    for (const { arrow } of arrows) {
      if (arrow.from !== from || steps.has(arrow.id) || !arrow.labels.some(label => label.event === '')) continue
      if (reached(arrow.to)) return [arrow.id]
      const further = leadsOn(arrow.to, new Set([...steps, arrow.id]))
      if (further !== undefined) return [arrow.id, ...further]
    }
    return undefined
  }
  const direct = first.filter(
    ({ arrow: { from, to } }) => reached(to) && (!before.has(to) || from === to || to.startsWith(`${from}.`)),
  )
  for (const { arrow } of direct) taken.add(arrow.id)
  for (const { arrow } of first) {
    // What leads straight to where the machine is explains it better than what leads there by another state.
    if (reached(arrow.to) || direct.some(({ arrow: { from } }) => from === arrow.from)) continue
    for (const id of [arrow.id, ...(leadsOn(arrow.to, new Set()) ?? [])]) taken.add(id)
  }
  // An arrow that leads neither to where the machine is nor on from there was forbidden by its guard.
  return new Set([...taken].filter(id => leadsSomewhere(id)))

  function leadsSomewhere(id: string): boolean {
    const to = arrows.find(({ arrow }) => arrow.id === id)?.arrow.to ?? ''
    return reached(to) || arrows.some(({ arrow }) => arrow.from === to && taken.has(arrow.id))
  }
}

/** `*` is any event, `run.*` every one whose name begins with `run.`, and `run` itself. */
function isWildcard(label: string, event: string): boolean {
  return label === '*' || (label.endsWith('.*') && `${event}.`.startsWith(label.slice(0, -1)))
}
