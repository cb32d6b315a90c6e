import * as tf from '@tensorflow/tfjs-core'
import { onOutline } from '../backends/outline/on-outline.ts'
import { createDualEncoder, type DualEncoder, type DualEncoderOptions } from './dual-encoder.ts'
import type { DualEncoderConfig } from './dual-encoder-config.ts'
import { inference } from './pass.ts'

/** How large a model is and what it takes to use it. */
export interface ModelSize {
  /** Numbers that training moves: of the tower and its projection, and of both with the logit scale. */
  readonly parameters: { readonly image: number; readonly text: number; readonly total: number }
  /**
   * Floating-point operations to encode one picture and one text of full length: those of matrix products and
   * convolutions, a multiplication and an addition counted as two.
   */
  readonly operations: { readonly image: number; readonly text: number }
  /** Bytes of all arrays as float32, running statistics included. Training with AdamW takes four times as many. */
  readonly weightBytes: number
  readonly layers: readonly LayerSize[]
}

/** The arrays of one layer. */
export interface LayerSize {
  /** What its arrays' names begin with, such as `image.stem`. */
  readonly name: string
  /** Each array's shape by what its name ends with, such as `kernel`. */
  readonly arrays: Readonly<Record<string, readonly number[]>>
  /** How many of its numbers training moves. */
  readonly parameters: number
}

/**
 * Measures the model of a configuration without making its weights: it is built and run on tensors that have shapes and
 * no numbers.
 *
 * @example
 * const { parameters } = measureModel(presets['vit-base-32'].model, presets['vit-base-32'])
 */
export function measureModel(config: DualEncoderConfig, options: Omit<DualEncoderOptions, 'seed'>): ModelSize {
  const { imageSize, tokenLength } = options
  return onOutline(count => {
    const model = createDualEncoder(config, { ...options, seed: null })
    try {
      return {
        parameters: {
          image: parametersOf(model, 'image'),
          text: parametersOf(model, 'text'),
          total: parametersOf(model, ''),
        },
        operations: {
          image: count(() => model.encodeImages(tf.fill([1, imageSize, imageSize, 3], 0), inference)),
          text: count(() => model.encodeTexts(tf.fill([1, tokenLength], 0, 'int32'), inference)),
        },
        weightBytes: model.parameters.reduce((bytes, { variable }) => bytes + 4 * variable.size, 0),
        layers: layersOf(model),
      }
    } finally {
      model.dispose()
    }
  })
}

function parametersOf({ parameters }: DualEncoder, prefix: string): number {
  return parameters
    .filter(({ name, trainable }) => trainable && name.startsWith(prefix))
    .reduce((sum, { variable }) => sum + variable.size, 0)
}

/** The arrays gathered by all but the last part of their names. */
function layersOf({ parameters }: DualEncoder): LayerSize[] {
  const layers = new Map<string, { arrays: Record<string, readonly number[]>; parameters: number }>()
  for (const { name, variable, trainable } of parameters) {
    const dot = name.lastIndexOf('.')
    const layer = dot < 0 ? name : name.slice(0, dot)
    const gathered = layers.get(layer) ?? { arrays: {}, parameters: 0 }
    gathered.arrays[name.slice(dot + 1)] = variable.shape
    if (trainable) gathered.parameters += variable.size
    layers.set(layer, gathered)
  }
  return [...layers].map(([name, layer]) => ({ name, ...layer }))
}
