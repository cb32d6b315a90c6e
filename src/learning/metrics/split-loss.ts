import * as tf from '@tensorflow/tfjs-core'
import { type FeatureMatrix, featureRow, type GroupedFeatures, scaleFeatures } from './feature-matrix.ts'
import { RetrievalError } from './retrieval.ts'
import { type BlockOptions, visitSimilarities } from './similarity-blocks.ts'

/**
 * The symmetric contrastive loss of CLIP (Radford et al. 2021) with a whole split as one batch: every picture is told
 * apart from all others by every text, and the other way round. Right answers of one group share the wanted probability
 * evenly. The softmax's denominators are summed up block by block, so memory does not grow with the matrix.
 *
 * @param scale what similarities are multiplied by: e to the power of the model's logit scale
 * @returns nats: the mean of ln(pictures) and ln(texts) where features say nothing; NaN where a feature is NaN
 * @throws RetrievalError where a picture or a text has no right answer
 */
export async function splitLoss(
  images: GroupedFeatures,
  texts: GroupedFeatures,
  scale: number,
  options: Pick<BlockOptions, 'blockSize'> = {},
): Promise<number> {
  const imageTotals = new Totals(images.features.rows)
  const textTotals = new Totals(texts.features.rows)
  await visitSimilarities(
    scaleFeatures(images.features, scale),
    texts.features,
    (logits, { firstRow, firstColumn }) => {
      imageTotals.add(firstRow, logits, 1)
      textTotals.add(firstColumn, logits, 0)
    },
    options,
  )
  return (meanCrossEntropy(images, texts, imageTotals, scale) + meanCrossEntropy(texts, images, textTotals, scale)) / 2
}

/** For each query the sum of e^logit over all candidates met so far, kept relative to the highest. */
class Totals {
  readonly #highest: Float64Array
  readonly #sum: Float64Array

  constructor(queries: number) {
    this.#highest = new Float64Array(queries).fill(Number.NEGATIVE_INFINITY)
    this.#sum = new Float64Array(queries)
  }

  /** @param axis along which the candidates lie */
  add(first: number, logits: tf.Tensor2D, axis: 0 | 1): void {
    const tops = tf.max(logits, axis, true)
    const sums = tf.sum(tf.exp(tf.sub(logits, tops)), axis).dataSync<'float32'>()
    for (const [offset, top] of tops.dataSync<'float32'>().entries()) {
      const query = first + offset
      const before = this.#highest[query] as number
      const now = Math.max(before, top)
      this.#highest[query] = now
      this.#sum[query] =
        (this.#sum[query] as number) * Math.exp(before - now) + (sums[offset] as number) * Math.exp(top - now)
    }
  }

  logarithm(query: number): number {
    return (this.#highest[query] as number) + Math.log(this.#sum[query] as number)
  }
}

function meanCrossEntropy(queries: GroupedFeatures, candidates: GroupedFeatures, totals: Totals, scale: number) {
  const means = groupMeans(candidates)
  let sum = 0
  for (const [query, group] of queries.groups.entries()) {
    const mean = means.get(group)
    if (mean === undefined) {
      throw new RetrievalError(`Query ${query} has no right answer: no candidate is of its group ${group}.`)
    }
    sum += totals.logarithm(query) - scale * dot(queries.features, query, mean)
  }
  return sum / queries.groups.length
}

/** The mean of each group's features: a query's similarity to it is the mean of those to the group's members. */
function groupMeans({ features, groups }: GroupedFeatures): Map<number, Float64Array> {
  const sizes = new Map<number, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const means = new Map<number, Float64Array>()
  for (const [row, group] of groups.entries()) {
    const mean = means.get(group) ?? new Float64Array(features.dimension)
    means.set(group, mean)
    const size = sizes.get(group) ?? 1
    for (const [axis, value] of featureRow(features, row).entries()) mean[axis] = (mean[axis] as number) + value / size
  }
  return means
}

function dot(features: FeatureMatrix, row: number, other: Float64Array): number {
  return featureRow(features, row).reduce((sum, value, axis) => sum + value * (other[axis] as number), 0)
}
