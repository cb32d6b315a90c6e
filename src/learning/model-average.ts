import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { parseConfig } from '../errors/parse-config.ts'
import type { DualEncoder } from './dual-encoder.ts'
import { FlatLayout } from './flat-layout.ts'
import type { Stateful, StateSlot } from './stateful.ts'

/** How a running average of the weights is kept. */
export const averagingConfig = z.strictObject({
  /** The share of the average that each step leaves as it was, once there have been some steps. */
  decay: z.number().min(0).lt(1).default(0.999),
})

/** A configuration with every default filled in. */
export type AveragingConfig = z.output<typeof averagingConfig>

/** A configuration as a person writes it. */
export type AveragingConfigInput = z.input<typeof averagingConfig>

/** The configuration is wrong; or the averaged weights are in the model already, or were to be changed while they are. */
export class ModelAverageError extends ChronogradError {}

/**
 * An exponential moving average of a model's weights and running statistics, whose noise is smaller than that of the
 * weights themselves (Polyak and Juditsky 1992). After n updates the decay is at most (1 + n) / (10 + n), so that the
 * random weights of the beginning are soon forgotten. What is frozen is left out: it has no other average.
 *
 * @example
 * const average = new ModelAverage(model)
 * trainingStep({ model, … })
 * average.update()
 * const metrics = await average.withAverage(() => evaluation.run())
 */
export class ModelAverage implements Stateful {
  /** Every averaged array, called as in the model. */
  readonly slots: readonly StateSlot[]
  readonly #layout: FlatLayout
  readonly #values: tf.Variable<tf.Rank.R1>
  readonly #decay: number
  #updates = 0
  #swapped = false

  /** Starts with the weights as they are. @throws ModelAverageError when the configuration is wrong */
  constructor({ parameters, frozen }: Pick<DualEncoder, 'parameters' | 'frozen'>, config: AveragingConfigInput = {}) {
    const { decay } = parseConfig(
      averagingConfig,
      config,
      problems => new ModelAverageError(`The averaging's configuration is wrong: ${problems}.`),
    )
    const moving = parameters.filter(({ variable }) => !frozen.has(variable))
    this.#layout = new FlatLayout(moving.map(parameter => ({ ...parameter, trainable: true })))
    this.#values = tf.tidy(() => tf.variable<tf.Rank.R1>(this.#weights(), false))
    this.#decay = decay
    this.slots = this.#layout.slots.map(({ parameter, offset }) => ({
      name: parameter.name,
      shape: parameter.variable.shape,
      variable: this.#values as tf.Variable,
      offset,
    }))
  }

  /** How often the average was updated. */
  get updates(): number {
    return this.#updates
  }

  /** Takes the model's weights into the average, as is done after every step. @throws ModelAverageError within `withAverage` */
  update(): void {
    if (this.#swapped)
      throw new ModelAverageError('The averaged weights are in the model, so there is nothing to average.')
    const decay = Math.min(this.#decay, (1 + this.#updates) / (10 + this.#updates))
    tf.tidy(() => {
      this.#values.assign(tf.add(this.#values, tf.mul(tf.sub(this.#weights(), this.#values), 1 - decay)))
    })
    this.#updates += 1
  }

  /**
   * Does something with the averaged weights in the model, and puts the model's own back afterwards, bit for bit.
   *
   * @throws ModelAverageError when the averaged weights are in the model already; and whatever `work` throws
   */
  async withAverage<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    if (this.#swapped) throw new ModelAverageError('The averaged weights are in the model already.')
    const variables = this.#layout.slots.map(({ parameter }) => parameter.variable)
    const own = variables.map(variable => tf.keep(tf.clone(variable)))
    this.#swapped = true
    try {
      this.adopt()
      return await work()
    } finally {
      for (const [index, variable] of variables.entries()) {
        variable.assign(own[index] as tf.Tensor)
        own[index]?.dispose()
      }
      this.#swapped = false
    }
  }

  /** Gives the model the averaged weights for good. */
  adopt(): void {
    tf.tidy(() => {
      const pieces = this.#layout.split(this.#values)
      for (const [index, { parameter }] of this.#layout.slots.entries()) {
        parameter.variable.assign(pieces[index] as tf.Tensor)
      }
    })
  }

  counters(): Readonly<Record<string, number>> {
    return { updates: this.#updates }
  }

  restoreCounters({ updates = 0 }: Readonly<Record<string, number>>): void {
    this.#updates = updates
  }

  dispose(): void {
    this.#values.dispose()
  }

  #weights(): tf.Tensor1D {
    return this.#layout.flatten(
      Object.fromEntries(this.#layout.slots.map(({ parameter: { variable } }) => [variable.name, variable])),
    )
  }
}
