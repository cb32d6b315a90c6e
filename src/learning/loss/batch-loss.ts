import * as tf from '@tensorflow/tfjs-core'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import { parseConfig } from '../../errors/parse-config.ts'
import { type LossConfig, type LossConfigInput, lossConfig } from './loss-config.ts'
import { type BatchLabels, rightAnswers } from './right-answers.ts'
import { sigmoidLoss } from './sigmoid-loss.ts'
import { softmaxLoss } from './softmax-loss.ts'

/** A batch's features, rows of length 1 and of one dimension. */
export interface BatchFeatures {
  /** [batch, dimension] */
  readonly images: tf.Tensor2D
  /** [batch, dimension] */
  readonly texts: tf.Tensor2D
}

/** What turns similarities into logits: logit = exp(scale) × similarity + bias. A `DualEncoder` has it. */
export interface LogitParameters {
  readonly logitScale: tf.Tensor
  readonly logitBias?: tf.Tensor | undefined
}

/** How wrong features are, as a scalar in nats, differentiable by the features and the logit parameters. */
export type BatchLoss = (features: BatchFeatures, model: LogitParameters, labels: BatchLabels) => tf.Scalar

/** A loss's configuration is wrong, or wants of the model what it does not have. */
export class LossError extends ChronogradError {}

/**
 * The loss that a configuration asks for, the same for training and for evaluations. All samples of a batch are each
 * other's negatives, but for those that are right answers to each other.
 *
 * @throws LossError when the configuration is wrong; and from the loss, where it is the sigmoid one and the model has no
 *   logit bias
 *
 * @example
 * const loss = lossOf({ labelSmoothing: 0.1 })
 * const value = tf.tidy(() => loss({ images, texts }, model, batch))
 */
export function lossOf(input: LossConfigInput = {}): BatchLoss {
  const config = parseConfig(
    lossConfig,
    input,
    problems => new LossError(`The loss's configuration is wrong: ${problems}.`),
  )
  return ({ images, texts }, { logitScale, logitBias }, labels) =>
    tf.tidy(() => {
      const similarities: tf.Tensor2D = tf.matMul(images, texts, false, true)
      const scaled: tf.Tensor2D = tf.mul(similarities, tf.exp(logitScale))
      // The softmax does not see a bias that all logits have; a model that has one keeps it.
      const logits: tf.Tensor2D = logitBias === undefined ? scaled : tf.add(scaled, logitBias)
      const answers = rightAnswers(labels, config)
      if (config.kind === 'softmax') return softmaxLoss(logits, answers, config)
      assertLossFits(config, { logitBias })
      return sigmoidLoss(logits, answers)
    })
}

/** @throws LossError when a loss wants of a model what it does not have */
export function assertLossFits({ kind }: LossConfig, { logitBias }: Pick<LogitParameters, 'logitBias'>): void {
  if (kind !== 'sigmoid' || logitBias !== undefined) return
  throw new LossError(
    'The sigmoid loss learns a logit bias, but the model has none; make the model with logits: sigmoidLogits, or take the softmax loss.',
  )
}
