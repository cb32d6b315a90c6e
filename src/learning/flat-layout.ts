import * as tf from '@tensorflow/tfjs-core'
import type { Parameter } from './parameter.ts'

/** Where one parameter lies in the flat vector. */
export interface FlatSlot {
  readonly parameter: Parameter
  readonly offset: number
  readonly size: number
}

/**
 * The trainable parameters of a model laid end to end in one vector. The norm of the gradients, the clipping and the
 * optimizer's arithmetic are then a dozen operations in all and not a dozen for every parameter.
 */
export class FlatLayout {
  readonly slots: readonly FlatSlot[]
  readonly size: number

  constructor(parameters: readonly Parameter[]) {
    let offset = 0
    this.slots = parameters
      .filter(({ trainable }) => trainable)
      .map(parameter => {
        const slot = { parameter, offset, size: parameter.variable.size }
        offset += slot.size
        return slot
      })
    this.size = offset
  }

  /** Gradients as `tf.variableGrads` gives them, by the variables' own names, to one vector; zeros where one is missing. */
  flatten(gradients: tf.NamedTensorMap): tf.Tensor1D {
    return tf.tidy(() =>
      tf.concat1d(
        this.slots.map(({ parameter, size }) => {
          const gradient = gradients[parameter.variable.name]
          return gradient === undefined ? tf.zeros<tf.Rank.R1>([size]) : tf.reshape<tf.Rank.R1>(gradient, [size])
        }),
      ),
    )
  }

  /** The vector cut into arrays of the parameters' shapes, in the order of `slots`. */
  split(flat: tf.Tensor1D): tf.Tensor[] {
    const sizes = this.slots.map(({ size }) => size)
    return tf
      .split(flat, sizes)
      .map((piece, index) => tf.reshape(piece, this.slots[index]?.parameter.variable.shape ?? []))
  }
}
