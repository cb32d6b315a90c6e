import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../random/random.ts'

/** How a model is being run: to learn from a batch, or to be used. */
export type Pass = TrainingPass | InferencePass

/** Running statistics are used as they are and nothing is dropped. */
export interface InferencePass {
  readonly training: false
}

/** The one inference pass: it holds nothing. */
export const inference: InferencePass = { training: false }

/**
 * One forward pass over a training batch. Layers that would change their buffers as they run (batch normalisation's
 * running statistics) hand the new values to the pass instead. They take effect only in `commit`, once the step is
 * known to be sound; `discard` drops them and leaves the model as it was.
 *
 * @example
 * const pass = new TrainingPass({ seed, step })
 * const features = model.encodeImages(images, pass)
 * // … loss and gradients …
 * if (finite) pass.commit()
 * else pass.discard()
 */
export class TrainingPass {
  readonly training = true
  readonly #seed: number
  readonly #step: number
  #randoms = 0
  readonly #deferred: { variable: tf.Variable; value: tf.Tensor }[] = []

  constructor({ seed, step }: { seed: number; step: number }) {
    this.#seed = seed
    this.#step = step
  }

  /** Random numbers for one layer's dropout: a function of the seed, the step and how often this was called before. */
  random(): Random {
    return new Random(this.#seed, 'dropout', this.#step, this.#randoms++)
  }

  /** Keeps `value`, which the pass now owns, to be given to `variable` on commit. */
  defer(variable: tf.Variable, value: tf.Tensor): void {
    this.#deferred.push({ variable, value: tf.keep(value) })
  }

  /** Gives every deferred value to its variable. */
  commit(): void {
    for (const { variable, value } of this.#deferred) variable.assign(value)
    this.discard()
  }

  /** Drops every deferred value. */
  discard(): void {
    for (const { value } of this.#deferred) value.dispose()
    this.#deferred.length = 0
  }
}
