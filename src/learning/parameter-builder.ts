import { createHash } from 'node:crypto'
import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../random/random.ts'
import type { Parameter } from './parameter.ts'

/**
 * Makes a model's parameters and keeps the list of them. A parameter's first value is a function of the seed and of
 * its full name, so adding or removing a layer leaves every other layer's start as it was. With a seed of `null` no
 * random number is drawn and weights start as zeros: for a model whose weights are about to be loaded, or only counted.
 *
 * @example
 * const builder = new ParameterBuilder(seed)
 * const kernel = builder.within('image').within('stem').weight('kernel', [3, 3, 3, 32], Math.sqrt(2 / 27))
 */
export class ParameterBuilder {
  readonly #seed: number | null
  readonly #prefix: string
  readonly #parameters: Parameter[]

  constructor(seed: number | null, prefix = '', parameters: Parameter[] = []) {
    this.#seed = seed
    this.#prefix = prefix
    this.#parameters = parameters
  }

  /** Everything made so far by this builder and by all that came from the same root. */
  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** A builder whose names start with this one's, then `name` and a dot. */
  within(name: string): ParameterBuilder {
    return new ParameterBuilder(this.#seed, `${this.#prefix}${name}.`, this.#parameters)
  }

  /** A trainable array that weight decay acts on, normally distributed about zero with the given deviation. */
  weight<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], deviation: number): tf.Variable<R> {
    if (this.#seed === null) return this.#add<R>(name, tf.fill<R>(shape, 0, 'float32'), true, true)
    const random = new Random(this.#seed, 'initialisation', ...nameWords(this.#prefix + name))
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => deviation * random.normal())
    return this.#add<R>(name, tf.tensor<R>(values, shape, 'float32'), true, true)
  }

  /** A trainable array without weight decay (bias, gain, logit scale), every element `value` at first. */
  constant<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
    return this.#add<R>(name, tf.fill<R>(shape, value, 'float32'), true, false)
  }

  /** An array that no gradient reaches (running statistics), every element `value` at first. */
  buffer<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
    return this.#add<R>(name, tf.fill<R>(shape, value, 'float32'), false, false)
  }

  #add<R extends tf.Rank>(name: string, initial: tf.Tensor<R>, trainable: boolean, decay: boolean): tf.Variable<R> {
    // The engine's own names are global to the process, so two models could not share one: it numbers them itself.
    const variable = tf.variable<R>(initial, trainable)
    initial.dispose()
    this.#parameters.push({ name: this.#prefix + name, variable: variable as tf.Variable, trainable, decay })
    return variable
  }
}

/** 64 bits of a name's SHA-256, as the two words that key its random numbers. */
function nameWords(name: string): [number, number] {
  const digest = createHash('sha256').update(name).digest()
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)]
}
