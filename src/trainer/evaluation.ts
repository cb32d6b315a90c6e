import * as tf from '@tensorflow/tfjs-core'
import type { TrainingData } from '../events/training-events.ts'
import { contrastiveLoss } from '../learning/contrastive-loss.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import { alignment } from '../learning/metrics/alignment.ts'
import type { FeatureMatrix } from '../learning/metrics/feature-matrix.ts'
import { type Retrieval, retrieval } from '../learning/metrics/retrieval.ts'
import { similarityRows } from '../learning/metrics/similarity-rows.ts'
import { uniformity } from '../learning/metrics/uniformity.ts'
import type { EvaluationData } from './evaluation-data.ts'
import { encodeSplit, type SplitFeatures } from './split-features.ts'

/** What an evaluation measured. */
export type EvaluationResult = Pick<TrainingData<'evaluation.completed'>, 'metrics' | 'samples' | 'examples'>

/** How many retrievals are kept to look at, and how many pictures each shows. */
const sampleCount = 12
const nearestCount = 5

/** Measures a model on a whole split: loss, recall both ways, alignment, uniformity, and retrievals to look at. */
export class Evaluation {
  readonly #model: DualEncoder
  readonly #data: EvaluationData

  constructor({ model, data }: { model: DualEncoder; data: EvaluationData }) {
    this.#model = model
    this.#data = data
  }

  /** The event loop breathes between two batches. */
  async run(): Promise<EvaluationResult> {
    const features = await encodeSplit(this.#model, this.#data)
    const { images, texts, groups, keys, pictures } = features
    const captionGroups = Int32Array.from(pictures, picture => groups[picture] as number)
    const queries = { features: texts, groups: captionGroups }
    const candidates = { features: images, groups }
    const firstTexts = firstCaptions(features)
    return {
      metrics: {
        loss: batchLoss(this.#model, { ...features, texts: firstTexts }, this.#data.batchSize),
        ...named('textToImage', retrieval(queries, candidates)),
        ...named('imageToText', retrieval(candidates, queries)),
        ...(keys.length > 1 ? alignment(images, firstTexts) : {}),
        imageUniformity: uniformity(images),
        textUniformity: uniformity(texts),
      },
      samples: sampleRetrievals({
        ...features,
        texts: firstTexts,
        captions: keys.map((_, row) => features.captions[pictures.indexOf(row)] as string),
      }),
      examples: keys.length,
    }
  }
}

function firstCaptions({ texts, keys, pictures }: SplitFeatures): FeatureMatrix {
  const { values, dimension } = texts
  const chosen = new Float32Array(keys.length * dimension)
  for (const picture of keys.keys()) {
    const row = pictures.indexOf(picture)
    chosen.set(values.subarray(row * dimension, (row + 1) * dimension), picture * dimension)
  }
  return { values: chosen, rows: keys.length, dimension }
}

function batchLoss(model: DualEncoder, { images, texts, groups }: SplitFeatures, batchSize: number): number {
  let sum = 0
  const { rows, dimension } = images
  for (let first = 0; first < rows; first += batchSize) {
    const size = Math.min(batchSize, rows - first)
    const part = ({ values }: FeatureMatrix) =>
      tf.tensor2d(values.slice(first * dimension, (first + size) * dimension), [size, dimension], 'float32')
    const loss = tf.tidy(() =>
      contrastiveLoss(part(images), part(texts), model.logitScale, groups.slice(first, first + size)),
    )
    sum += (loss.dataSync()[0] ?? Number.NaN) * size
    loss.dispose()
  }
  return sum / rows
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
function sampleRetrievals({ images, texts, groups, keys, captions }: SplitFeatures): EvaluationResult['samples'] {
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
