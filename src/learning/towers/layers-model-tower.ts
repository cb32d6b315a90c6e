import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, layers } from '@tensorflow/tfjs-layers'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import type { Parameter } from '../parameter.ts'
import type { TrainingPass } from '../pass.ts'
import type { Tower } from './tower.ts'

/** A layers model does not fit as a tower, and why. */
export class LayersModelError extends ChronogradError {}

type Layer = layers.Layer

/** Layers whose noise comes from a generator that nobody can set: a resumed run could not repeat it. */
const noisyLayers: readonly string[] = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout']

/** Layers whose noise follows from their `seed`. */
const seededLayers: readonly string[] = ['Dropout', 'SpatialDropout1D']

/** The range that seeds are drawn from; 0 would let the layer draw one of its own. */
const seedBound = 2 ** 31 - 1

/**
 * Makes a tower of a TensorFlow.js layers model that takes one batch and gives one vector a sample. The model's weights
 * are the tower's parameters, called `<name>.layer<index>.<weight>` after the layer's place in the model; what is not
 * trainable there is not trained here, and everything with two axes or more decays. Three things differ from
 * `model.fit`: running statistics take effect only with a step that is applied, dropout follows from the run's seed and
 * the step, and regularisers and constraints do nothing.
 *
 * The weights are as the model has them. For a run that begins with the same ones each time, give its layers
 * initializers with a seed, or load weights.
 *
 * @param options `name` begins the parameters' names, `image` or `text`; `prepare` makes what the model takes of a batch,
 *   such as tokens from which padding has been taken
 * @throws LayersModelError when the model has several inputs or outputs, gives no vectors, or has a layer whose noise
 *   cannot be repeated or whose gradient TensorFlow gets wrong
 *
 * @example
 * const image = layersModelTower<tf.Tensor4D>(model, { name: 'image' })
 * const text = new BagOfWordsTextTower(bagOfWordsTextTowerConfig.parse({ kind: 'bag-of-words' }), { seed, vocabularySize })
 * const encoder = new DualEncoder({ image, text }, { dimension: 128, seed })
 */
export function layersModelTower<Batch extends tf.Tensor>(
  model: LayersModel,
  { name, prepare }: { readonly name: string; readonly prepare?: (batch: Batch) => tf.Tensor },
): Tower<Batch> {
  const everyLayer = model.layers.flatMap(withInner)
  for (const layer of everyLayer) assertUsable(layer)
  const parameters = parametersOf(model, name)
  const buffers = parameters.filter(({ trainable }) => !trainable).map(({ variable }) => variable)
  const seeded = everyLayer.filter(layer => seededLayers.includes(layer.getClassName()))
  return {
    parameters,
    outputSize: outputSizeOf(model),
    encode(batch, pass) {
      const input = prepare === undefined ? batch : prepare(batch)
      // A tower that is frozen as a whole is only used: its statistics stay, and nothing is dropped.
      const learns = pass.training && !parameters.every(({ variable }) => pass.isFrozen(variable))
      return learns ? train(model, input, pass, { seeded, buffers }) : apply(model, input, false)
    },
  }
}

function apply(model: LayersModel, input: tf.Tensor, training: boolean): tf.Tensor2D {
  return model.apply(input, { training }) as tf.Tensor2D
}

/** A forward pass in training, which leaves running statistics as they are and their new values with the pass. */
function train(
  model: LayersModel,
  input: tf.Tensor,
  pass: TrainingPass,
  { seeded, buffers }: { seeded: readonly Layer[]; buffers: readonly tf.Variable[] },
): tf.Tensor2D {
  for (const layer of seeded) Reflect.set(layer, 'seed', 1 + pass.random().integer(seedBound))
  const before = buffers.map(variable => tf.clone(variable))
  const output = apply(model, input, true)
  for (const [index, variable] of buffers.entries()) {
    const earlier = before[index]
    if (earlier === undefined || earlier.dataId === variable.dataId) continue
    if (!pass.isFrozen(variable)) pass.defer(variable, tf.clone(variable))
    variable.assign(earlier)
  }
  return output
}

/** A layer and all inside of it: a model may be a layer, and some layers wrap others. */
function withInner(layer: Layer): Layer[] {
  const { layers: nested, layer: wrapped } = layer as { layers?: Layer[]; layer?: Layer }
  return [layer, ...(nested ?? []).flatMap(withInner), ...(wrapped === undefined ? [] : withInner(wrapped))]
}

function assertUsable(layer: Layer): void {
  const kind = layer.getClassName()
  const { dropout, recurrentDropout, kernelSize, strides } = layer.getConfig()
  if (noisyLayers.includes(kind) || isAboveZero(dropout) || isAboveZero(recurrentDropout)) {
    throw new LayersModelError(
      `The layer ${layer.name} (${kind}) adds noise that a resumed run could not repeat; use Dropout layers instead.`,
    )
  }
  const pointwise = kind === 'Conv2D' && Array.isArray(kernelSize) && kernelSize.every(side => side === 1)
  if (pointwise && Array.isArray(strides) && strides.some(stride => Number(stride) > 1)) {
    throw new LayersModelError(
      `The layer ${layer.name} is a 1×1 convolution with a stride, whose gradient TensorFlow computes wrongly; ` +
        'put an average pooling of 1×1 with that stride before it and leave its own at 1.',
    )
  }
}

function isAboveZero(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}

/** The names that tfjs gives count every layer of the process, so they differ from run to run; places do not. */
function parametersOf(model: LayersModel, prefix: string): Parameter[] {
  const taken = new Set<string>()
  return model.layers.flatMap((layer, place) =>
    layer.weights.map((weight, index): Parameter => {
      const last = weight.originalName.split('/').at(-1) ?? ''
      const plain = `${prefix}.layer${place}.${last}`
      const name = taken.has(plain) ? `${plain}${index}` : plain
      taken.add(name)
      const trainable = layer.trainableWeights.includes(weight)
      return { name, variable: weight.read() as tf.Variable, trainable, decay: trainable && weight.shape.length > 1 }
    }),
  )
}

function outputSizeOf(model: LayersModel): number {
  const [output, ...others] = model.outputs
  if (model.inputs.length !== 1 || output === undefined || others.length > 0) {
    throw new LayersModelError(
      `The model ${model.name} has ${model.inputs.length} inputs and ${model.outputs.length} outputs; a tower has one of each.`,
    )
  }
  const [, size] = output.shape
  if (output.shape.length === 2 && typeof size === 'number') return size
  throw new LayersModelError(
    `The model ${model.name} gives [${output.shape.map(side => side ?? 'batch').join(', ')}], and a tower gives [batch, features]; ` +
      'end it with a pooling or a flattening layer.',
  )
}
