import * as tf from '@tensorflow/tfjs-core'
import { readStretch } from '../backends/read-stretch.ts'
import type { StateSlot } from './stateful.ts'

/** How many numbers of a state are in JavaScript's memory at a time: 16 MiB of them. */
const chunkSize = 4 * 2 ** 20

/**
 * The arrays of a state as they were at one moment, without a copy: tensors never change, and a variable that is trained
 * on merely takes another. It holds on to tensors until it is disposed of.
 *
 * @example
 * const snapshot = new StateSnapshot(model.slots)
 * try {
 *   for (const slot of model.slots) for (const values of snapshot.chunks(slot)) hash.update(values)
 * } finally {
 *   snapshot.dispose()
 * }
 */
export class StateSnapshot {
  readonly #values = new Map<tf.Variable, tf.Tensor1D>()

  constructor(slots: readonly StateSlot[]) {
    for (const { variable } of slots) {
      if (!this.#values.has(variable)) this.#values.set(variable, tf.reshape<tf.Rank.R1>(variable, [variable.size]))
    }
  }

  /** A slot's values in order, in pieces of at most 16 MiB. */
  *chunks({ name, shape, variable, offset }: StateSlot): Generator<Float32Array, void> {
    const values = this.#values.get(variable)
    if (values === undefined) throw new Error(`The snapshot was not taken of ${name}.`)
    const end = offset + tf.util.sizeFromShape([...shape])
    for (let from = offset; from < end; from += chunkSize) {
      yield readStretch(values, from, Math.min(chunkSize, end - from))
    }
  }

  dispose(): void {
    for (const values of this.#values.values()) values.dispose()
    this.#values.clear()
  }
}
