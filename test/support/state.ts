import { StateFilling } from '../../src/learning/state-filling.ts'
import { StateSnapshot } from '../../src/learning/state-snapshot.ts'
import type { Stateful } from '../../src/learning/stateful.ts'

/** One array of a part's state, copied. */
export interface StateArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A copy of every array of a part's state. */
export function arraysOf({ slots }: Pick<Stateful, 'slots'>): StateArray[] {
  const snapshot = new StateSnapshot(slots)
  try {
    return slots.map(slot => {
      const values = new Float32Array(slot.shape.reduce((product, side) => product * side, 1))
      snapshot.copy(slot, 0, values)
      return { name: slot.name, shape: slot.shape, values }
    })
  } finally {
    snapshot.dispose()
  }
}

/** A copy of everything that a checkpoint would keep of a part. */
export function stateOf(part: Stateful): unknown {
  return { arrays: arraysOf(part), counters: part.counters() }
}

/** Gives `to` the state of `from`, a part with the same slots. */
export function copyState(from: Stateful, to: Stateful): void {
  const filling = new StateFilling(to.slots)
  for (const [index, { values }] of arraysOf(from).entries()) {
    const slot = to.slots[index]
    if (slot !== undefined) filling.add(slot, values)
  }
  filling.commit()
  to.restoreCounters(from.counters())
}
