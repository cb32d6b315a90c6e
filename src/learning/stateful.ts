import type * as tf from '@tensorflow/tfjs-core'

/** Where one named float32 array of a part's state lies: a stretch of a variable, rows first. */
export interface StateSlot {
  /** Unique within the part. */
  readonly name: string
  readonly shape: readonly number[]
  readonly variable: tf.Variable
  /** Where the stretch begins in the variable's values, in elements; it is as long as the shape has elements. */
  readonly offset: number
}

/**
 * A part of training whose state a checkpoint keeps: a model, an optimizer, a schedule that remembers, an average of
 * weights. It says where its state lies, and whoever saves or loads it does so without knowing the part.
 *
 * @example
 * class Plateau implements Stateful {
 *   readonly slots = []
 *   #evaluations = 0
 *   counters = () => ({ evaluations: this.#evaluations })
 *   restoreCounters({ evaluations = 0 }: Readonly<Record<string, number>>) { this.#evaluations = evaluations }
 * }
 */
export interface Stateful {
  /** Every array of the state, always the same ones in the same order; two slots never overlap. */
  readonly slots: readonly StateSlot[]
  /** Finite numbers that it remembers beside arrays, by name. */
  counters(): Readonly<Record<string, number>>
  /** Takes counters of the same names. */
  restoreCounters(counters: Readonly<Record<string, number>>): void
}
