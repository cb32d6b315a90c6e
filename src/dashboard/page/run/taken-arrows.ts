import type { MachineAnswer } from '../../answers.ts'

type Arrows = MachineAnswer['chart']['arrows']

/**
 * The arrows that a machine went along with an event: from the state before, and on from there by itself as far as the
 * state after. None where it stayed.
 *
 * @param id what the machine's states begin with
 */
export function takenArrows(
  { chart: { id, arrows } }: { chart: { id: string; arrows: Arrows } },
  { before, after, event }: { before: string; after: string; event: string },
): string[] {
  if (before === after) return []
  const [start, end] = [`${id}.${before}`, `${id}.${after}`]
  const told = arrows.filter(
    ({ arrow }) => (arrow.from === start || arrow.from === id) && arrow.labels.some(label => label.event === event),
  )
  const direct = told.find(({ arrow }) => arrow.to === end)
  if (direct !== undefined) return [direct.arrow.id]
  for (const { arrow } of told) {
    const onward = arrows.find(({ arrow: { from, to } }) => from === arrow.to && to === end)
    if (onward !== undefined) return [arrow.id, onward.arrow.id]
  }
  return []
}
