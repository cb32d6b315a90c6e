import type { TrainingData } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { type BatchLoss, lossOf } from '../learning/loss/batch-loss.ts'
import { lossConfig } from '../learning/loss/loss-config.ts'
import { alignment } from '../learning/metrics/alignment.ts'
import { featureMoments } from '../learning/metrics/feature-moments.ts'
import { type Retrieval, retrieval } from '../learning/metrics/retrieval.ts'
import { splitLoss } from '../learning/metrics/split-loss.ts'
import { dimensionDeviation, effectiveRank, modalityGap } from '../learning/metrics/spread.ts'
import { uniformity } from '../learning/metrics/uniformity.ts'
import type { EvaluationData } from './evaluation-data.ts'
import { evaluationLoss } from './evaluation-loss.ts'
import { sampleRetrievals } from './sample-retrievals.ts'
import { sampleSimilarities } from './sample-similarities.ts'
import { captionGroups, type EvaluatedModel, encodeSplit, type SplitFeatures } from './split-features.ts'

export interface EvaluationOptions {
  readonly model: EvaluatedModel
  /** The split: a `DataHandler`, or any other object that hands out pictures and captions. */
  readonly data: EvaluationData
  /** What training minimises; CLIP's contrastive loss unless told. */
  readonly loss?: BatchLoss
}

/** What an evaluation measured. */
export type EvaluationResult = Pick<
  TrainingData<'evaluation.completed'>,
  'metrics' | 'samples' | 'pictureSamples' | 'similarities' | 'examples'
>

/**
 * Measures a model on a whole split: the loss, how well pictures and captions find each other, how far right pairs stand
 * out, and how the features spread. Every caption of every picture is a query, and all answers compete with each other.
 * Similarities are computed in blocks, so memory grows with the split and not with its square, and the event loop breathes
 * in between. `evaluationMetrics` lists what is measured; a split of a single picture has no alignment and no uniformity.
 *
 * @example
 * const { metrics, samples } = await new Evaluation({ model, data }).run()
 * console.log(metrics.textToImageRecallAt5, samples[0]?.nearest)
 */
export class Evaluation {
  /** For what subclasses measure. */
  protected readonly model: EvaluatedModel
  readonly #data: EvaluationData
  readonly #loss: BatchLoss

  constructor({ model, data, loss = lossOf(lossConfig.parse({ kind: 'softmax' })) }: EvaluationOptions) {
    this.model = model
    this.#data = data
    this.#loss = loss
  }

  /** @throws EvaluationError where there is nothing to measure, or captions and pictures do not belong together */
  async run(): Promise<EvaluationResult> {
    const features = await encodeSplit(this.model, this.#data)
    faultPoint('evaluation.encoded')
    return {
      metrics: { ...(await this.#measure(features)), ...(await this.moreMetrics(features)) },
      ...(await sampleRetrievals(features)),
      similarities: sampleSimilarities(features),
      examples: features.keys.length,
    }
  }

  /**
   * Metrics that a subclass adds; they are logged beside the others. To measure something slow, await now and then.
   *
   * @param _features the split as the model sees it
   */
  protected async moreMetrics(_features: SplitFeatures): Promise<Readonly<Record<string, number>>> {
    return {}
  }

  async #measure(features: SplitFeatures): Promise<Record<string, number>> {
    const [loss, { batchSize }] = [this.#loss, this.#data]
    const images = { features: features.images, groups: features.groups }
    const texts = { features: features.texts, groups: captionGroups(features) }
    const scale = Math.exp(this.model.logitScale.dataSync()[0] ?? Number.NaN)
    const { textToImage, imageToText } = await retrieval(images, texts)
    return {
      loss: await evaluationLoss(features, { model: this.model, loss, batchSize }),
      splitLoss: await splitLoss(images, texts, scale),
      ...named('textToImage', textToImage),
      ...named('imageToText', imageToText),
      ...(await spreadOf(features)),
    }
  }
}

async function spreadOf({ images, texts, pictures }: SplitFeatures): Promise<Record<string, number>> {
  const moments = { images: featureMoments(images), texts: featureMoments(texts) }
  return {
    ...(images.rows > 1 && {
      ...alignment(images, texts, pictures, moments),
      imageUniformity: await uniformity(images),
      textUniformity: await uniformity(texts),
    }),
    imageEffectiveRank: effectiveRank(moments.images),
    textEffectiveRank: effectiveRank(moments.texts),
    imageDimensionDeviation: dimensionDeviation(moments.images),
    textDimensionDeviation: dimensionDeviation(moments.texts),
    modalityGap: modalityGap(moments.images, moments.texts),
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
