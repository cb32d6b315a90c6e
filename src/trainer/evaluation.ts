import * as tf from '@tensorflow/tfjs-core'
import type { TrainingData } from '../events/training-events.ts'
import { contrastiveLoss } from '../learning/contrastive-loss.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import { alignment } from '../learning/metrics/alignment.ts'
import type { FeatureMatrix } from '../learning/metrics/feature-matrix.ts'
import { type Retrieval, retrieval } from '../learning/metrics/retrieval.ts'
import { similarityRows } from '../learning/metrics/similarity-rows.ts'
import { uniformity } from '../learning/metrics/uniformity.ts'
import { inference } from '../learning/pass.ts'
import type { Batch, DataHandler } from './data-handler.ts'

/** What an evaluation measured. */
export type EvaluationResult = Pick<TrainingData<'evaluation.completed'>, 'metrics' | 'samples' | 'examples'>

/** The features of a split, row by row, with what they belong to. */
interface Features {
  readonly images: FeatureMatrix
  readonly texts: FeatureMatrix
  readonly groups: Int32Array
  readonly keys: readonly string[]
  readonly captions: readonly string[]
  readonly loss: number
}

/** How many retrievals are kept to look at, and how many pictures each shows. */
const sampleCount = 12
const nearestCount = 5

/** Measures a model on a whole split: loss, recall both ways, alignment, uniformity, and retrievals to look at. */
export class Evaluation {
  readonly #model: DualEncoder
  readonly #data: DataHandler

  constructor({ model, data }: { model: DualEncoder; data: DataHandler }) {
    this.#model = model
    this.#data = data
  }

  /** The event loop breathes between two batches. */
  async run(): Promise<EvaluationResult> {
    const features = await this.#encode()
    const images = { features: features.images, groups: features.groups }
    const texts = { features: features.texts, groups: features.groups }
    return {
      metrics: {
        loss: features.loss,
        ...named('textToImage', retrieval(texts, images)),
        ...named('imageToText', retrieval(images, texts)),
        ...(features.keys.length > 1 ? alignment(features.images, features.texts) : {}),
        imageUniformity: uniformity(features.images),
        textUniformity: uniformity(features.texts),
      },
      samples: sampleRetrievals(features),
      examples: features.keys.length,
    }
  }

  async #encode(): Promise<Features> {
    const model = this.#model
    const rows = this.#data.length
    const images = new Float32Array(rows * model.dimension)
    const texts = new Float32Array(rows * model.dimension)
    const groups = new Int32Array(rows)
    const keys: string[] = []
    const captions: string[] = []
    let lossSum = 0
    for (const batch of this.#data.batches()) {
      const encoded = encodeBatch(model, batch)
      images.set(encoded.images, keys.length * model.dimension)
      texts.set(encoded.texts, keys.length * model.dimension)
      groups.set(batch.groups, keys.length)
      lossSum += encoded.loss * batch.size
      keys.push(...batch.keys)
      captions.push(...batch.captions)
      await new Promise(setImmediate)
    }
    const { dimension } = model
    return {
      images: { values: images, rows, dimension },
      texts: { values: texts, rows, dimension },
      groups,
      keys,
      captions,
      loss: lossSum / rows,
    }
  }
}

/** A batch's features, each [size, dimension] row by row, and its loss among the batch's own pairs. */
function encodeBatch(model: DualEncoder, batch: Batch): { images: Float32Array; texts: Float32Array; loss: number } {
  const [images, texts, loss] = tf.tidy(() => {
    const pictures = tf.tensor4d(batch.images, [batch.size, batch.imageSize, batch.imageSize, 3], 'float32')
    const tokens = tf.tensor2d(batch.tokens, [batch.size, batch.tokenLength], 'int32')
    const imageFeatures = model.encodeImages(pictures, inference)
    const textFeatures = model.encodeTexts(tokens, inference)
    return [imageFeatures, textFeatures, contrastiveLoss(imageFeatures, textFeatures, model.logitScale, batch.groups)]
  })
  try {
    return {
      images: images.dataSync<'float32'>(),
      texts: texts.dataSync<'float32'>(),
      loss: loss.dataSync()[0] ?? Number.NaN,
    }
  } finally {
    tf.dispose([images, texts, loss])
  }
}

/** `recallAt1` of the direction `textToImage` is called `textToImageRecallAt1`. */
function named(direction: string, values: Retrieval): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `${direction}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      value,
    ]),
  )
}

/** For texts spread evenly over the split, the pictures most similar to them. */
function sampleRetrievals({ images, texts, groups, keys, captions }: Features): EvaluationResult['samples'] {
  const { dimension } = texts
  const count = Math.min(sampleCount, keys.length)
  const chosen = Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * keys.length) / count))
  const queries = new Float32Array(count * dimension)
  for (const [place, row] of chosen.entries()) {
    queries.set(texts.values.subarray(row * dimension, (row + 1) * dimension), place * dimension)
  }
  const samples: EvaluationResult['samples'] = []
  for (const { row, scores } of similarityRows({ values: queries, rows: count, dimension }, images)) {
    const query = chosen[row] as number
    const nearest = Array.from(scores.keys())
      .sort((one, other) => (scores[other] as number) - (scores[one] as number) || one - other)
      .slice(0, nearestCount)
      .map(candidate => ({
        key: keys[candidate] as string,
        similarity: scores[candidate] as number,
        right: groups[candidate] === groups[query],
      }))
    samples.push({ query: captions[query] as string, key: keys[query] as string, nearest })
  }
  return samples
}
