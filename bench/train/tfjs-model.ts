import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { DualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import { openSafetensors } from '../../src/storage/safetensors-reader.ts'
import type { CaseFile } from './case-folder.ts'

/** The names that our model has for the arrays of some layers, in the order in which a layer has them. */
type Names = Map<layers.Layer, readonly string[]>

type Shape = (number | null)[]

/** Applies a layer, called as our model calls its part, whose arrays our model calls as told. */
type Apply = (layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[], arrays?: readonly string[]) => SymbolicTensor

/** Something of which tfjs has no layer and that learns nothing. */
class Lambda extends layers.Layer {
  static className = 'Lambda'
  readonly #compute: (inputs: tf.Tensor[]) => tf.Tensor
  readonly #shapeOf: (shape: Shape) => Shape

  /** @param shapeOf the output's shape by that of the first input */
  constructor(compute: (inputs: tf.Tensor[]) => tf.Tensor, shapeOf: (shape: Shape) => Shape = shape => shape) {
    super({})
    this.#compute = compute
    this.#shapeOf = shapeOf
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    return this.#shapeOf(Array.isArray(shape[0]) ? shape[0] : (shape as Shape))
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.#compute([inputs].flat()))
  }
}

/** Does something with an array that is learnt and of which tfjs has no layer. */
class Learnt extends Lambda {
  static override className = 'Learnt'

  constructor(
    shape: number[],
    compute: (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor,
    shapeOf?: (shape: Shape) => Shape,
  ) {
    super(([x]) => compute(x as tf.Tensor, weight.read()), shapeOf)
    const weight = this.addWeight('weight', shape, 'float32', initializers.zeros())
    this.built = true
  }
}

/**
 * The dual encoder of a case as one writes it with TensorFlow.js alone: its layers, and its operations where it has no
 * layer. It takes pictures and tokens and gives the features of both side by side, [batch, 2 × dimension], those of the
 * pictures multiplied with the logit scale: `model.fit` wants one output for one loss.
 *
 * @param folder has the weights
 */
export async function tfjsModel(folder: string, file: CaseFile): Promise<LayersModel> {
  const { imageSize, tokenLength, vocabularySize } = file
  const { image, text, dimension } = file.model
  const names: Names = new Map()
  const apply: Apply = (layer, x, arrays = []) => {
    names.set(layer, arrays)
    return layer.apply(x) as SymbolicTensor
  }
  const images = input({ shape: [imageSize, imageSize, 3] })
  const tokens = input({ shape: [tokenLength], dtype: 'int32' })
  const projected = (name: string, x: SymbolicTensor) =>
    apply(new Lambda(normalizeRows), dense(apply, name, x, { units: dimension, useBias: false }))
  const imageFeatures = projected('imageProjection', imageTower(apply, image, images))
  const textFeatures = projected('textProjection', textTower(apply, text, tokens, vocabularySize))
  const scale = new Learnt([], (x, scale) => tf.mul(x, tf.exp(scale)))
  const scaled = apply(scale, imageFeatures, ['logitScale'])
  const encoder = model({ inputs: [images, tokens], outputs: apply(layers.concatenate(), [scaled, textFeatures]) })
  await loadWeights(folder, names)
  return encoder
}

/** The loss of features that lie side by side, as `model.fit` wants it: the first argument would be the answers. */
export function contrastiveLoss(_: tf.Tensor, features: tf.Tensor): tf.Scalar {
  const [images, texts] = tf.split(features, 2, 1) as [tf.Tensor2D, tf.Tensor2D]
  const logits: tf.Tensor2D = tf.matMul(images, texts, false, true)
  const [batch] = logits.shape
  const answers = tf.oneHot(tf.range(0, batch, 1, 'int32'), batch)
  const byImage = tf.losses.softmaxCrossEntropy(answers, logits)
  const byText = tf.losses.softmaxCrossEntropy(answers, tf.transpose(logits))
  return tf.div(tf.add(byImage, byText), 2)
}

async function loadWeights(folder: string, names: Names): Promise<void> {
  const reader = await openSafetensors(path.join(folder, 'weights.safetensors'))
  const shapes = new Map(reader.entries.map(({ name, shape }) => [name, [...shape]]))
  for (const [layer, arrays] of names) {
    const weights = await Promise.all(arrays.map(async name => tf.tensor(await reader.read(name), shapes.get(name))))
    layer.setWeights(weights)
    tf.dispose(weights)
  }
  await reader.close()
}

function dense(
  apply: Apply,
  name: string,
  x: SymbolicTensor,
  { activation, ...options }: { units: number; useBias?: boolean; activation?: 'relu' | 'gelu' },
): SymbolicTensor {
  const { useBias = true } = options
  const layer = layers.dense({ ...options, ...(activation && { activation }) } as Parameters<typeof layers.dense>[0])
  return apply(layer, x, [`${name}.kernel`, ...(useBias ? [`${name}.bias`] : [])])
}

interface ConvolutionOptions {
  readonly filters: number
  readonly size: number
  readonly stride: number
  readonly padding: 'same' | 'symmetric'
}

/** Convolution and batch normalisation. */
function convolution(
  apply: Apply,
  name: string,
  x: SymbolicTensor,
  { filters, size, stride, padding }: ConvolutionOptions,
): SymbolicTensor {
  let seen = x
  let strides = stride
  const isPadded = padding === 'symmetric' && stride > 1 && size > 1
  if (isPadded) seen = apply(layers.zeroPadding2d({ padding: (size - 1) / 2 }), seen)
  if (size === 1 && stride > 1) {
    // TensorFlow.js computes a wrong gradient of a 1×1 convolution with a stride.
    seen = apply(layers.averagePooling2d({ poolSize: 1, strides: stride }), seen)
    strides = 1
  }
  const y = apply(
    layers.conv2d({ filters, kernelSize: size, strides, padding: isPadded ? 'valid' : 'same', useBias: false }),
    seen,
    [`${name}.kernel`],
  )
  const arrays = ['gain', 'bias', 'mean', 'variance'].map(array => `${name}.normalization.${array}`)
  return apply(layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 }), y, arrays)
}

function residualBlock(
  apply: Apply,
  name: string,
  x: SymbolicTensor,
  { filters, stride, padding }: Omit<ConvolutionOptions, 'size'>,
): SymbolicTensor {
  const first = convolution(apply, `${name}.first`, x, { filters, size: 3, stride, padding })
  const branch = convolution(apply, `${name}.second`, apply(layers.reLU(), first), {
    ...{ filters, padding },
    ...{ size: 3, stride: 1 },
  })
  const isSame = stride === 1 && x.shape.at(-1) === filters
  const shortcut = isSame ? x : convolution(apply, `${name}.shortcut`, x, { filters, size: 1, stride, padding })
  return apply(layers.reLU(), apply(layers.add(), [branch, shortcut]))
}

function imageTower(apply: Apply, config: DualEncoderConfig['image'], images: SymbolicTensor): SymbolicTensor {
  if (config.kind === 'vision-transformer') return visionTransformer(apply, config, images)
  const isResnet = config.kind === 'resnet'
  const padding = isResnet ? 'symmetric' : 'same'
  const { kernelSize: size, stride } = config.stem
  const filters = isResnet ? config.width : config.stem.channels
  let x = apply(layers.reLU(), convolution(apply, 'image.stem', images, { filters, size, stride, padding }))
  if (isResnet && config.stem.pooling) {
    const bordered = apply(layers.zeroPadding2d({ padding: 1 }), x)
    x = apply(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'valid' }), bordered)
  }
  const stages = isResnet
    ? config.depths.map((blocks, stage) => ({ blocks, channels: filters * 2 ** stage, stride: stage > 0 ? 2 : 1 }))
    : config.stages
  for (const [stage, { blocks, channels, stride }] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      const options = { filters: channels, stride: block === 0 ? stride : 1, padding } as const
      x = residualBlock(apply, `image.stage${stage}.block${block}`, x, options)
    }
  }
  return apply(layers.globalAveragePooling2d({}), x)
}

type VisionTransformer = Extract<DualEncoderConfig['image'], { kind: 'vision-transformer' }>

function visionTransformer(apply: Apply, config: VisionTransformer, images: SymbolicTensor): SymbolicTensor {
  const { patchSize, width } = config
  const cut = layers.conv2d({ filters: width, kernelSize: patchSize, strides: patchSize, useBias: false })
  const patches = apply(cut, images, ['image.patches.kernel'])
  const [, down, across] = patches.shape as [null, number, number]
  const places = down * across
  const rows = apply(layers.reshape({ targetShape: [places, width] }), patches)
  const withClassToken = new Learnt(
    [width],
    (x, token) => tf.concat([tf.broadcastTo(token, [x.shape[0] as number, 1, width]), x], 1),
    ([batch = null]) => [batch, places + 1, width],
  )
  let x = placed(apply, 'image', apply(withClassToken, rows, ['image.classToken']))
  for (let block = 0; block < config.layers; block++) x = transformerBlock(apply, `image.block${block}`, config, [x])
  const first = new Lambda(
    ([x]) => tf.squeeze(tf.slice(x as tf.Tensor3D, [0, 0, 0], [-1, 1, -1]), [1]),
    ([batch = null]) => [batch, width],
  )
  return layerNormalization(apply, 'image.normalization', apply(first, x))
}

function textTower(
  apply: Apply,
  config: DualEncoderConfig['text'],
  tokens: SymbolicTensor,
  vocabularySize: number,
): SymbolicTensor {
  const { width } = config
  const mask = apply(new Lambda(([tokens]) => tf.cast(tf.greaterEqual(tokens as tf.Tensor, 0), 'float32')), tokens)
  const known = apply(new Lambda(([tokens]) => tf.maximum(tokens as tf.Tensor, tf.scalar(0, 'int32'))), tokens)
  const table = layers.embedding({ inputDim: vocabularySize, outputDim: width })
  let x = apply(table, known, ['text.embedding.table'])
  const mean = new Lambda(maskedMean, ([batch = null]) => [batch, width])
  if (config.kind === 'bag-of-words') {
    return config.hidden.reduce(
      (x, units, index) => dense(apply, `text.dense${index}`, x, { units, activation: 'relu' }),
      apply(mean, [x, mask]),
    )
  }
  x = placed(apply, 'text', x)
  for (let block = 0; block < config.layers; block++) {
    x = transformerBlock(apply, `text.block${block}`, config, [x, mask])
  }
  return apply(mean, [layerNormalization(apply, 'text.normalization', x), mask])
}

function placed(apply: Apply, tower: string, x: SymbolicTensor): SymbolicTensor {
  const [, length, width] = x.shape as [null, number, number]
  return apply(new Learnt([length, width], tf.add), x, [`${tower}.positions`])
}

function layerNormalization(apply: Apply, name: string, x: SymbolicTensor): SymbolicTensor {
  return apply(layers.layerNormalization({ epsilon: 1e-5 }), x, [`${name}.gain`, `${name}.bias`])
}

function transformerBlock(
  apply: Apply,
  name: string,
  { width, heads, activation }: { width: number; heads: number; activation: string },
  [x, ...mask]: [SymbolicTensor, ...SymbolicTensor[]],
): SymbolicTensor {
  const normalized = layerNormalization(apply, `${name}.attentionNormalization`, x)
  const projections = dense(apply, `${name}.attention.projections`, normalized, { units: 3 * width })
  const attention = new Lambda(
    inputs => attend(inputs, heads),
    ([batch = null, length = null]) => [batch, length, width],
  )
  const attended = dense(apply, `${name}.attention.output`, apply(attention, [projections, ...mask]), { units: width })
  const middle = apply(layers.add(), [x, attended])
  const expanded = dense(apply, `${name}.expand`, layerNormalization(apply, `${name}.denseNormalization`, middle), {
    units: 4 * width,
    activation: activation as 'relu' | 'gelu',
  })
  return apply(layers.add(), [middle, dense(apply, `${name}.contract`, expanded, { units: width })])
}

/** @param inputs the projections [batch, length, 3 × width], and a mask [batch, length] where there is one */
function attend([projections, mask]: tf.Tensor[], heads: number): tf.Tensor {
  const [batch, length, triple] = (projections as tf.Tensor).shape as [number, number, number]
  const depth = triple / 3 / heads
  const [queries, keys, values] = tf
    .split(projections as tf.Tensor, 3, 2)
    .map(part => tf.transpose(tf.reshape(part, [batch, length, heads, depth]), [0, 2, 1, 3])) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ]
  const scores = tf.div(tf.matMul<tf.Tensor>(queries, keys, false, true), Math.sqrt(depth))
  const hidden = mask && tf.mul(tf.sub(1, tf.reshape(mask, [batch, 1, 1, length])), -1e9)
  const shares = tf.softmax(hidden === undefined ? scores : tf.add(scores, hidden))
  const gathered = tf.transpose(tf.matMul<tf.Tensor>(shares, values), [0, 2, 1, 3])
  return tf.reshape(gathered, [batch, length, triple / 3])
}

/** @param inputs vectors [batch, length, width], and a mask [batch, length] */
function maskedMean([vectors, mask]: tf.Tensor[]): tf.Tensor {
  const shares = tf.div(mask as tf.Tensor, tf.maximum(tf.sum(mask as tf.Tensor, 1, true), 1))
  return tf.sum(tf.mul(vectors as tf.Tensor, tf.expandDims(shares, 2)), 1)
}

function normalizeRows([x]: tf.Tensor[]): tf.Tensor {
  return tf.div(x as tf.Tensor, tf.norm(x as tf.Tensor, 'euclidean', 1, true))
}
