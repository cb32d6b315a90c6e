import * as tf from '@tensorflow/tfjs-core'
import type { Stateful, StateSlot } from '../../src/learning/stateful.ts'

/** A part with state of its own: arrays of these shapes, each a variable, and counters. */
export class OwnPart implements Stateful {
  readonly slots: readonly StateSlot[]
  #counters: Readonly<Record<string, number>>

  /** @param value what every element is at first */
  constructor(shapes: Readonly<Record<string, number[]>>, counters: Readonly<Record<string, number>> = {}, value = 0) {
    this.slots = Object.entries(shapes).map(([name, shape]) => {
      const initial = tf.fill(shape, value)
      const variable = tf.variable(initial)
      initial.dispose()
      return { name, shape, variable, offset: 0 }
    })
    this.#counters = counters
  }

  counters(): Readonly<Record<string, number>> {
    return this.#counters
  }

  restoreCounters(counters: Readonly<Record<string, number>>): void {
    this.#counters = counters
  }

  dispose(): void {
    for (const { variable } of this.slots) variable.dispose()
  }
}
