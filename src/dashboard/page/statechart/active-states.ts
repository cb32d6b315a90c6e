import type { PlacedStatechart } from '../../../statecharts/layout.ts'

/** The ids of the states that a machine is in: of nested ones every level, of parallel ones every region. */
export function activeStates(chart: PlacedStatechart, value: unknown): Set<string> {
  const active = new Set<string>()
  const root = chart.states[0]?.state.id
  if (root === undefined || value === undefined) return active
  active.add(root)
  const enter = (parent: string, inside: unknown) => {
    const keys = typeof inside === 'string' ? { [inside]: undefined } : inside
    if (typeof keys !== 'object' || keys === null) return
    for (const [key, further] of Object.entries(keys)) {
      const child = chart.states.find(({ state }) => state.parent === parent && state.key === key)
      if (child === undefined) continue
      active.add(child.state.id)
      enter(child.state.id, further)
    }
  }
  enter(root, value)
  return active
}
