import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../../src/random/random.ts'

/** Standard normal numbers that depend on the seed and nothing else. */
export function randomArray(shape: readonly number[], seed: number): Float32Array {
  const random = new Random(seed, 'bench')
  return Float32Array.from({ length: shape.reduce((size, side) => size * side, 1) }, () => random.normal())
}

/** A tensor of them, on the current backend. */
export function randomTensor<Rank extends tf.Rank>(shape: tf.ShapeMap[Rank], seed: number): tf.Tensor<Rank> {
  return tf.tensor<Rank>(randomArray(shape, seed), shape)
}
