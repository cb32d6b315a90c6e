import * as tf from '@tensorflow/tfjs-core'
import type { BatchLoss, LogitParameters } from '../learning/loss/batch-loss.ts'
import { type FeatureMatrix, takeRows } from '../learning/metrics/feature-matrix.ts'
import { Random } from '../random/random.ts'
import { captionsOfPictures, type SplitFeatures } from './split-features.ts'

/** The same for every run, so that what runs measure can be compared. */
const seed = 0

/**
 * The training loss on a split, in batches as training makes them: of the same size, in random order and with one of each
 * picture's captions. Order and captions are drawn once and for all, since a source's own order puts what is alike side by
 * side. The last batch takes pictures of the one before where it would not be full, so that every picture counts and all
 * batches are equally hard; a split smaller than a batch is one batch. The event loop breathes after each.
 */
export async function evaluationLoss(
  features: SplitFeatures,
  { model, loss, batchSize }: { model: LogitParameters; loss: BatchLoss; batchSize: number },
): Promise<number> {
  const { images, texts, tokenLength } = features
  const captions = captionsOfPictures(features)
  const order = new Random(seed, 'evaluation').permutation(images.rows)
  const size = Math.min(batchSize, images.rows)
  const batches = Math.ceil(images.rows / size)
  let sum = 0
  for (let batch = 0; batch < batches; batch++) {
    const first = Math.min(batch * size, images.rows - size)
    const pictures = order.subarray(first, first + size)
    const chosen = Uint32Array.from(pictures, picture => {
      const rows = captions[picture] as number[]
      return rows[new Random(seed, 'evaluation', picture).integer(rows.length)] as number
    })
    const labels = {
      groups: Int32Array.from(pictures, picture => features.groups[picture] as number),
      tokens: rowsOf(features.tokens, tokenLength, chosen),
      tokenLength,
    }
    const value = tf.tidy(() =>
      loss({ images: tensor(takeRows(images, pictures)), texts: tensor(takeRows(texts, chosen)) }, model, labels),
    )
    sum += value.dataSync()[0] ?? Number.NaN
    value.dispose()
    await new Promise(setImmediate)
  }
  return sum / batches
}

function tensor({ values, rows, dimension }: FeatureMatrix): tf.Tensor2D {
  return tf.tensor2d(values, [rows, dimension], 'float32')
}

function rowsOf(tokens: Int32Array, length: number, rows: Uint32Array): Int32Array {
  const taken = new Int32Array(rows.length * length)
  for (const [place, row] of rows.entries())
    taken.set(tokens.subarray(row * length, (row + 1) * length), place * length)
  return taken
}
