import * as tf from '@tensorflow/tfjs-core'
import type { ParameterBuilder } from '../parameter-builder.ts'

/**
 * Cuts pictures into square patches and gives each a vector (Dosovitskiy et al. 2021): a convolution whose stride is its
 * kernel's side, computed as one matrix product. It has no bias: the vectors of the places, added next, are one already.
 */
export class PatchEmbedding {
  readonly #kernel: tf.Variable<tf.Rank.R4>
  readonly #patchSize: number

  constructor(builder: ParameterBuilder, { patchSize, width }: { patchSize: number; width: number }) {
    const deviation = Math.sqrt(1 / (patchSize * patchSize * 3))
    this.#kernel = builder.weight<tf.Rank.R4>('kernel', [patchSize, patchSize, 3, width], deviation)
    this.#patchSize = patchSize
  }

  /** [batch, height, width, 3], both sides multiples of the patch's, to [batch × patches, width], row by row. */
  apply(images: tf.Tensor4D): tf.Tensor2D {
    const side = this.#patchSize
    const [batch, height, width] = images.shape
    const [down, across] = [height / side, width / side]
    // Rows of patches first, then a patch's rows of pixels beside each other: four axes are enough to turn.
    const rows = tf.reshape(images, [batch * down, side, across, side * 3])
    const patches = tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [batch * down * across, side * side * 3])
    return tf.matMul(patches as tf.Tensor2D, tf.reshape<tf.Rank.R2>(this.#kernel, [side * side * 3, -1]))
  }
}
