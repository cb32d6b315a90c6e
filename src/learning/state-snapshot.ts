import * as tf from '@tensorflow/tfjs-core'
import { copyStretch, givesNewMemory, readStretch } from '../backends/copy-stretch.ts'
import type { StateSlot } from './stateful.ts'

/** What is held of one variable, and how many of its slots are still wanted. */
interface Held {
  readonly values: tf.Tensor1D
  slots: number
}

/**
 * The arrays of a state as they were at one moment, without a copy: tensors never change, and a variable that is trained
 * on merely takes another. It holds on to a variable's tensor until all of its slots are released, or it is disposed of.
 *
 * @example
 * const snapshot = new StateSnapshot(model.slots)
 * try {
 *   for (const slot of model.slots) {
 *     const values = new Float32Array(tf.util.sizeFromShape([...slot.shape]))
 *     snapshot.copy(slot, 0, values)
 *     snapshot.release(slot)
 *   }
 * } finally {
 *   snapshot.dispose()
 * }
 */
export class StateSnapshot {
  readonly #held = new Map<tf.Variable, Held>()

  constructor(slots: readonly StateSlot[]) {
    for (const { variable } of slots) {
      const held = this.#held.get(variable) ?? { values: tf.reshape<tf.Rank.R1>(variable, [variable.size]), slots: 0 }
      held.slots += 1
      this.#held.set(variable, held)
    }
  }

  /** Copies a slot's values from a place on, as many as the target takes. */
  copy(slot: StateSlot, from: number, target: Float32Array): void {
    copyStretch(this.#of(slot).values, slot.offset + from, target)
  }

  /** Some of a slot's values in new memory, where the backend gives them no other way; undefined where it does. */
  take(slot: StateSlot, from: number, count: number): Float32Array<ArrayBuffer> | undefined {
    return givesNewMemory() ? readStretch(this.#of(slot).values, slot.offset + from, count) : undefined
  }

  /** Says that nothing more is wanted of a slot. */
  release(slot: StateSlot): void {
    const held = this.#of(slot)
    held.slots -= 1
    if (held.slots > 0) return
    held.values.dispose()
    this.#held.delete(slot.variable)
  }

  dispose(): void {
    for (const { values } of this.#held.values()) values.dispose()
    this.#held.clear()
  }

  #of({ name, variable }: StateSlot): Held {
    const held = this.#held.get(variable)
    if (held === undefined) throw new Error(`The snapshot was not taken of ${name}, or has let go of it.`)
    return held
  }
}
