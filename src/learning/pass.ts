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

const nothing: ReadonlySet<tf.Variable> = new Set()

/**
 * One forward pass over a training batch, whole or in parts. Layers that would change their buffers as they run (batch
 * normalisation's running statistics) hand the new values to the pass instead. They take effect only in `commit`, once
 * the step is known to be sound; `discard` drops them and leaves the model as it was.
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
  /** Whether blocks keep nothing but their inputs for the backward pass; see `applyBlock`. */
  readonly recomputesActivations: boolean
  readonly #seed: number
  readonly #step: number
  readonly #frozen: ReadonlySet<tf.Variable>
  #part: { readonly whole: TrainingPass; readonly index: number; readonly share: number } | undefined
  #randoms = 0
  #isRepetition = false
  readonly #deferred = new Map<tf.Variable, tf.Tensor>()

  /**
   * @param options `frozen`: the arrays that training leaves as they are, buffers among them; `recomputeActivations`: takes
   *   less memory and more time, and changes no number
   */
  constructor(options: {
    seed: number
    step: number
    frozen?: ReadonlySet<tf.Variable> | undefined
    recomputeActivations?: boolean | undefined
  }) {
    this.recomputesActivations = options.recomputeActivations ?? false
    this.#seed = options.seed
    this.#step = options.step
    this.#frozen = options.frozen ?? nothing
  }

  /**
   * A pass over a part of the batch. It has random numbers of its own, the same ones for the same index; what it defers
   * goes into this pass, where the parts' values are added up, each times the part's share.
   *
   * @param share how large a share of the batch the part is; the shares of all parts make 1
   */
  part(index: number, share: number): TrainingPass {
    const part = this.#alike({ recomputeActivations: this.recomputesActivations })
    part.#part = { whole: this, index, share }
    return part
  }

  /**
   * This pass once more from where it is now, for what is computed again: with the random numbers that this one goes on to
   * give. What is deferred to it is dropped, since this one keeps it, and nothing is recomputed within.
   */
  again(): TrainingPass {
    const again = this.#alike({ recomputeActivations: false })
    again.#part = this.#part
    again.#randoms = this.#randoms
    again.#isRepetition = true
    return again
  }

  /** Random numbers for one layer's dropout: a function of the seed, the step, the part and how often it was called. */
  random(): Random {
    const part = this.#part === undefined ? [] : [this.#part.index]
    return new Random(this.#seed, 'dropout', this.#step, this.#randoms++, ...part)
  }

  /** Whether training leaves this array as it is; a layer whose statistics are frozen uses them as in inference. */
  isFrozen(variable: tf.Variable): boolean {
    return this.#frozen.has(variable)
  }

  /** Keeps `value`, which the pass now owns, to be given to `variable` on commit. */
  defer(variable: tf.Variable, value: tf.Tensor): void {
    if (this.#isRepetition) value.dispose()
    else if (this.#part === undefined) this.#keep(variable, value)
    else this.#part.whole.#add(variable, tf.mul(value, this.#part.share))
  }

  /** Gives every deferred value to its variable. */
  commit(): void {
    for (const [variable, value] of this.#deferred) variable.assign(value)
    this.discard()
  }

  /** Drops every deferred value. */
  discard(): void {
    for (const value of this.#deferred.values()) value.dispose()
    this.#deferred.clear()
  }

  #alike({ recomputeActivations }: { recomputeActivations: boolean }): TrainingPass {
    return new TrainingPass({ seed: this.#seed, step: this.#step, frozen: this.#frozen, recomputeActivations })
  }

  #add(variable: tf.Variable, value: tf.Tensor): void {
    const before = this.#deferred.get(variable)
    this.#keep(variable, before === undefined ? value : tf.add(before, value))
  }

  #keep(variable: tf.Variable, value: tf.Tensor): void {
    this.#deferred.get(variable)?.dispose()
    this.#deferred.set(variable, tf.keep(value))
  }
}
