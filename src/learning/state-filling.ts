import * as tf from '@tensorflow/tfjs-core'
import { keepsGivenMemory } from '../backends/copy-stretch.ts'
import type { StateSlot } from './stateful.ts'

/** The new value of a variable while it is gathered. */
interface Gathering {
  /** In the order in which they lie in the variable. */
  readonly slots: StateSlot[]
  /** By their slots' offsets. */
  readonly pieces: Map<number, tf.Tensor1D[]>
  /** How many numbers are still to come. */
  left: number
  whole?: tf.Tensor
}

/**
 * New values for slots, gathered in the backend piece by piece and taken all together: until `commit` nothing has
 * changed. What the slots leave of a variable keeps its value.
 *
 * @example
 * const filling = new StateFilling(model.slots)
 * try {
 *   for (const slot of model.slots) {
 *     for await (const values of reader.chunks(slot.name)) filling.add(slot, values)
 *   }
 *   filling.commit()
 * } finally {
 *   filling.dispose()
 * }
 */
export class StateFilling {
  readonly #gatherings = new Map<tf.Variable, Gathering>()

  /** @param slots those that will be filled, each of them whole */
  constructor(slots: readonly StateSlot[]) {
    for (const slot of slots) {
      const gathering: Gathering = this.#gatherings.get(slot.variable) ?? { slots: [], pieces: new Map(), left: 0 }
      gathering.slots.push(slot)
      gathering.pieces.set(slot.offset, [])
      gathering.left += sizeOf(slot)
      this.#gatherings.set(slot.variable, gathering)
    }
    for (const { slots } of this.#gatherings.values()) slots.sort((one, other) => one.offset - other.offset)
  }

  /** Takes the next of a slot's values. Whoever gave them may change the array then. */
  add(slot: StateSlot, values: Float32Array): void {
    const gathering = this.#gatherings.get(slot.variable)
    const pieces = gathering?.pieces.get(slot.offset)
    if (gathering === undefined || pieces === undefined) throw new Error(`The slot ${slot.name} is not to be filled.`)
    const given = tf.tensor1d(keepsGivenMemory() ? values.slice() : values, 'float32')
    // TensorFlow keeps the array until the tensor is first used, and using it once makes it take a copy.
    pieces.push(tf.reshape<tf.Rank.R1>(given, [values.length]))
    given.dispose()
    gathering.left -= values.length
    // Joined as soon as they are whole, so that only one variable is twice in the backend's memory.
    if (gathering.left === 0) gathering.whole = join(slot.variable, gathering)
  }

  /** Gives every variable its new value. @throws when a slot is not whole; then nothing has changed */
  commit(): void {
    for (const { slots, left } of this.#gatherings.values()) {
      if (left !== 0) throw new Error(`${left} numbers are missing of ${slots.map(({ name }) => name).join(', ')}.`)
    }
    for (const [variable, { whole }] of this.#gatherings) if (whole !== undefined) variable.assign(whole)
    this.dispose()
  }

  /** Lets go of everything that was not committed. */
  dispose(): void {
    for (const { pieces, whole } of this.#gatherings.values()) {
      for (const piece of [...pieces.values()].flat()) piece.dispose()
      whole?.dispose()
    }
    this.#gatherings.clear()
  }
}

/** The pieces in their order, with the variable's own values where there is no slot; lets go of the pieces. */
function join(variable: tf.Variable, { slots, pieces }: Gathering): tf.Tensor {
  const whole = tf.tidy(() => {
    const present = tf.reshape<tf.Rank.R1>(variable, [variable.size])
    const row: tf.Tensor1D[] = []
    let end = 0
    const fillUpTo = (place: number) => {
      if (place > end) row.push(tf.slice1d(present, end, place - end))
    }
    for (const slot of slots) {
      fillUpTo(slot.offset)
      row.push(...(pieces.get(slot.offset) ?? []))
      end = slot.offset + sizeOf(slot)
    }
    fillUpTo(variable.size)
    return tf.reshape(tf.concat1d(row), variable.shape)
  })
  for (const piece of [...pieces.values()].flat()) piece.dispose()
  pieces.clear()
  return whole
}

function sizeOf({ shape }: StateSlot): number {
  return shape.reduce((product, side) => product * side, 1)
}
