import * as tf from '@tensorflow/tfjs-core'
import type { BatchGradients, GradientSources } from './batch-gradients.ts'
import { keepTapeLean } from './lean-tape.ts'
import type { BatchFeatures } from './loss/batch-loss.ts'
import type { TrainingPass } from './pass.ts'
import { batchPart, batchTensors, type TrainingBatch } from './training-batch.ts'
import { variableGradients } from './variable-gradients.ts'

/** A stretch of a batch's samples, with its pass. */
interface Part {
  readonly batch: TrainingBatch
  readonly first: number
  readonly pass: TrainingPass
}

/**
 * The gradients of the whole batch's loss with only a part of the batch's activations in memory (Gao et al. 2021,
 * "GradCache"). All samples stay each other's negatives, which averaging the losses of small batches would lose.
 *
 * The features of all parts are computed first, without keeping what a gradient would need. The loss and its gradients by
 * the features take little memory. Then each part goes forward once more, and the gradient by its features is carried back
 * to the weights. A part's random numbers are the same both times. To be called in a tidy.
 *
 * @param sources with `rehearsal`: a pass of the same seed and step for the first time through, of which nothing is kept
 * @param size how many samples a part has; the last may have fewer
 */
export function microBatchGradients(
  sources: GradientSources & { readonly rehearsal: TrainingPass },
  size: number,
): BatchGradients {
  const { model, batch, loss, layout, pass, rehearsal, track } = sources
  track?.begin('forward')
  const features = joined(parts(batch, size, rehearsal).map(part => encoded(sources, part)))
  rehearsal.discard()

  const logitParameters = [model.logitScale, ...(model.logitBias === undefined ? [] : [model.logitBias])]
  const { value, grads } = tf.valueAndGrads((...inputs) => {
    const [images, texts, logitScale, logitBias] = inputs as [tf.Tensor2D, tf.Tensor2D, tf.Tensor, tf.Tensor?]
    keepTapeLean()
    const value = loss({ images, texts }, { logitScale, logitBias }, batch)
    track?.end('forward')
    track?.begin('backward')
    return value
  })([features.images, features.texts, ...logitParameters])
  track?.end('backward')
  const [images, texts, ...logits] = grads as [tf.Tensor2D, tf.Tensor2D, ...tf.Tensor[]]

  let gradient = layout.flatten(
    Object.fromEntries(logitParameters.map(({ name }, index) => [name, logits[index] as tf.Tensor])),
  )
  const own = new Set<tf.Tensor>(logitParameters)
  const variables = layout.slots.map(({ parameter }) => parameter.variable).filter(variable => !own.has(variable))
  if (variables.length === 0) return { loss: value as tf.Scalar, gradient }
  for (const part of parts(batch, size, pass)) {
    const sum = tf.tidy(() => {
      const { grads } = variableGradients(
        () => {
          const here = encoded(sources, part)
          return tf.add(carriedBack(here.images, images, part), carriedBack(here.texts, texts, part))
        },
        variables,
        track,
      )
      return tf.add<tf.Tensor1D>(gradient, layout.flatten(grads))
    })
    gradient.dispose()
    gradient = sum
  }
  return { loss: value as tf.Scalar, gradient }
}

function parts(batch: TrainingBatch, size: number, pass: TrainingPass): Part[] {
  return Array.from({ length: Math.ceil(batch.size / size) }, (_, index) => {
    const part = batchPart(batch, index * size, size)
    return { batch: part, first: index * size, pass: pass.part(index, part.size / batch.size) }
  })
}

function encoded({ model }: GradientSources, { batch, pass }: Part): BatchFeatures {
  const [images, texts] = tf.tidy(() => {
    const inputs = batchTensors(batch)
    return [model.encodeImages(inputs.images, pass), model.encodeTexts(inputs.tokens, pass)]
  })
  return { images, texts }
}

function joined(features: readonly BatchFeatures[]): BatchFeatures {
  const all = {
    images: tf.concat2d(
      features.map(({ images }) => images),
      0,
    ),
    texts: tf.concat2d(
      features.map(({ texts }) => texts),
      0,
    ),
  }
  for (const { images, texts } of features) tf.dispose([images, texts])
  return all
}

/** A number whose gradient by the part's features is the part's share of `gradient`. */
function carriedBack(features: tf.Tensor2D, gradient: tf.Tensor2D, { first, batch }: Part): tf.Scalar {
  return tf.sum(tf.mul(features, tf.slice(gradient, [first, 0], [batch.size, -1])))
}
