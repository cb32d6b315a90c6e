import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { runLearningKernel } from '../backends/learning-kernels.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { parseConfig } from '../errors/parse-config.ts'
import { FlatLayout } from './flat-layout.ts'
import type { Optimizer } from './optimizer.ts'
import type { Parameter } from './parameter.ts'
import { matchesPattern } from './parameter-pattern.ts'
import type { StateSlot } from './stateful.ts'

const share = z.number().min(0).lt(1)

/** Parameters that are moved otherwise than the rest. */
const parameterGroup = z.strictObject({
  /** Patterns of names, as `matchesPattern` reads them. */
  parameters: z.array(z.string()).min(1),
  /** What their learning rate is multiplied by. */
  learningRateFactor: z.number().positive().default(1),
  /** Their weight decay; that of all unless given. Biases, gains and logit parameters stay without. */
  weightDecay: z.number().nonnegative().optional(),
})

/** AdamW's settings; the defaults are open_clip's. */
export const adamwConfig = z.strictObject({
  /** The highest learning rate: what a schedule is a share of. */
  learningRate: z.number().positive().default(5e-4),
  /** The most that the norm of all gradients together may be; null for no limit. */
  clipNorm: z.number().positive().nullable().default(1),
  beta1: share.default(0.9),
  beta2: share.default(0.98),
  epsilon: z.number().positive().default(1e-6),
  weightDecay: z.number().nonnegative().default(0.2),
  /** A parameter belongs to the first group that means it. */
  groups: z.array(parameterGroup).default([]),
})

/** A configuration with every default filled in. */
export type AdamWConfig = z.output<typeof adamwConfig>

/** A configuration as a person writes it, defaults left out. */
export type AdamWConfigInput = z.input<typeof adamwConfig>

/** An optimizer's configuration is wrong, or does not fit the parameters. */
export class OptimizerError extends ChronogradError {}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): the decay shrinks the weights themselves by learning
 * rate × weight decay and never enters the moments. The bias corrections are computed in double precision from the
 * whole-numbered step, so there are no running powers of the betas to lose.
 *
 * The learning rate and the clipping in the configuration are for whoever drives the optimizer: `apply` is told the
 * learning rate of its step and takes the gradient as it comes.
 *
 * @example
 * const optimizer = new AdamW(model.parameters, {
 *   weightDecay: 0.1,
 *   groups: [{ parameters: ['image'], learningRateFactor: 0.1 }],
 * })
 * optimizer.apply(optimizer.layout.flatten(gradients), 1e-3)
 */
export class AdamW implements Optimizer {
  readonly layout: FlatLayout
  /** Each parameter's running mean of gradients (`first.<name>`), then those of their squares (`second.<name>`). */
  readonly slots: readonly StateSlot[]
  readonly config: AdamWConfig
  readonly #rates: readonly SlotRates[]
  readonly #first: tf.Variable<tf.Rank.R1>
  readonly #second: tf.Variable<tf.Rank.R1>
  #step = 0

  /** @throws OptimizerError when the configuration is wrong, or one of its groups means no parameter that is trained */
  constructor(parameters: readonly Parameter[], config: AdamWConfigInput = {}) {
    this.layout = new FlatLayout(parameters)
    this.config = parseConfig(
      adamwConfig,
      config,
      problems => new OptimizerError(`The optimizer's configuration is wrong: ${problems}.`),
    )
    this.#rates = ratesOf(this.layout, this.config)
    const [first, second] = tf.tidy(() => [this.#zeros(), this.#zeros()] as const)
    this.#first = first
    this.#second = second
    const slotsOf = (kind: string, variable: tf.Variable): StateSlot[] =>
      this.layout.slots.map(({ parameter, offset }) => ({
        name: `${kind}.${parameter.name}`,
        shape: parameter.variable.shape,
        variable,
        offset,
      }))
    this.slots = [...slotsOf('first', first as tf.Variable), ...slotsOf('second', second as tf.Variable)]
  }

  /** Updates applied so far. */
  get step(): number {
    return this.#step
  }

  /**
   * Moves every trainable parameter by one update.
   *
   * @param gradient all gradients in one vector, as `layout.flatten` makes it
   */
  apply(gradient: tf.Tensor1D, learningRate: number): void {
    const { beta1, beta2, epsilon } = this.config
    this.#step += 1
    const firstCorrection = 1 - beta1 ** this.#step
    const secondCorrection = Math.sqrt(1 - beta2 ** this.#step)
    const { slots } = this.layout
    const weights = Object.fromEntries(slots.map(({ parameter }, index) => [`weights${index}`, parameter.variable]))
    const inputs = { gradient, first: this.#first, second: this.#second, ...weights }
    const attributes = {
      firstShare: 1 - beta1,
      secondShare: 1 - beta2,
      // The second moment's correction is taken out of the root: √(v / c) + ε = (√v + ε√c) / √c.
      epsilon: epsilon * secondCorrection,
      rates: this.#rates.map(({ factor, weightDecay }) => ({
        learningRate: (learningRate * factor * secondCorrection) / firstCorrection,
        kept: 1 - learningRate * factor * weightDecay,
      })),
    }
    tf.tidy(() => {
      const [newFirst, newSecond, ...moved] = runLearningKernel('adamw', inputs, attributes)
      this.#first.assign(newFirst as tf.Tensor1D)
      this.#second.assign(newSecond as tf.Tensor1D)
      for (const [index, { parameter }] of slots.entries()) parameter.variable.assign(moved[index] as tf.Tensor)
    })
  }

  counters(): Readonly<Record<string, number>> {
    return { step: this.#step }
  }

  restoreCounters({ step = 0 }: Readonly<Record<string, number>>): void {
    this.#step = step
  }

  dispose(): void {
    this.#first.dispose()
    this.#second.dispose()
  }

  #zeros(): tf.Variable<tf.Rank.R1> {
    return tf.variable<tf.Rank.R1>(tf.zeros<tf.Rank.R1>([this.layout.size]), false)
  }
}

/** How one parameter is moved. */
interface SlotRates {
  /** What the learning rate is multiplied by. */
  readonly factor: number
  readonly weightDecay: number
}

function ratesOf({ slots }: FlatLayout, { groups, weightDecay }: AdamWConfig): SlotRates[] {
  const means = ({ parameters }: AdamWConfig['groups'][number], parameter: Parameter) =>
    parameters.some(pattern => matchesPattern(pattern, parameter))
  for (const group of groups) {
    if (slots.some(({ parameter }) => means(group, parameter))) continue
    throw new OptimizerError(
      `The optimizer's group ${group.parameters.join(', ')} means no parameter that is trained; it trains ${slots.map(({ parameter }) => parameter.name).join(', ')}.`,
    )
  }
  return slots.map(({ parameter }) => {
    const group = groups.find(each => means(each, parameter))
    const decay = group?.weightDecay ?? weightDecay
    return { factor: group?.learningRateFactor ?? 1, weightDecay: parameter.decay ? decay : 0 }
  })
}
