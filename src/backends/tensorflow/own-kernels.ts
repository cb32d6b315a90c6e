import * as tf from '@tensorflow/tfjs-core'
import type { AdamwAttributes, AdamwInputs, AttentionAttributes, LearningKernels } from '../learning-kernels.ts'
import { float, integer, type NativeAttribute, type NativeBackend, sharing } from './native-backend.ts'

/** Learning's kernels as the operations in `native/`, which `chronograd setup tensorflow` compiles with the binding. */
export function ownKernels(backend: NativeBackend) {
  const run = backend.executeSingleOutput.bind(backend)
  const runAll = backend.executeMultipleOutputs.bind(backend)
  return {
    // Computing the distribution again takes less time than bringing it from memory.
    gelu: ({ x, bias }) => [run('ChronogradGelu', [], [x, bias]), sharing(backend, x)],
    geluGradient: ({ dy, x, bias }) => runAll('ChronogradGeluGradient', [], [dy, x, bias], 2),
    // Likewise the scores, and what softmax makes of them.
    attention: ({ x, bias, hidden }, shape) => {
      const inputs = [x, bias, ...(hidden ? [hidden] : [])]
      return [run('ChronogradAttention', attention(backend, shape, hidden), inputs), sharing(backend, x)]
    },
    attentionGradient: ({ dy, x, bias, hidden }, shape) => {
      const inputs = [dy, x, bias, ...(hidden ? [hidden] : [])]
      return runAll('ChronogradAttentionGradient', attention(backend, shape, hidden), inputs, 2)
    },
    layerNormalization: ({ x, gain, bias }, { epsilon }) => {
      const attributes = [float(backend, 'epsilon', epsilon)]
      const [y, statistics] = runAll('ChronogradLayerNormalization', attributes, [x, gain, bias], 2)
      return [y, sharing(backend, x), statistics] as tf.TensorInfo[]
    },
    layerNormalizationGradient: ({ dy, kept, statistics, gain }) =>
      runAll('ChronogradLayerNormalizationGradient', [], [dy, kept, statistics, gain], 3),
    adamw: (inputs, attributes) => adamw(backend, inputs, attributes),
  } satisfies Partial<LearningKernels>
}

function attention(
  backend: NativeBackend,
  { batch, heads }: AttentionAttributes,
  hidden: tf.Tensor | undefined,
): NativeAttribute[] {
  return Object.entries({ batch, heads, masks: hidden ? 1 : 0 }).map(([name, value]) => integer(backend, name, value))
}

function adamw(
  backend: NativeBackend,
  { gradient, first, second, ...weights }: AdamwInputs,
  { firstShare, secondShare, epsilon, rates }: AdamwAttributes,
): tf.TensorInfo[] {
  const count = rates.length
  const parameters = rates.map((_, index) => weights[`weights${index}`] as tf.Tensor)
  // As tensors and not as attributes: TensorFlow would make and keep a kernel for each new value of an attribute.
  const settings = tf.tensor1d([firstShare, secondShare, epsilon], 'float32')
  const ratesByParameter = tf.tensor2d(
    rates.flatMap(({ learningRate, kept }) => [learningRate, kept]),
    [count, 2],
    'float32',
  )
  const inputs = [gradient, first, second, settings, ratesByParameter, ...parameters]
  const outputs = backend.executeMultipleOutputs(
    'ChronogradAdamw',
    [integer(backend, 'count', count)],
    inputs,
    2 + count,
  )
  tf.dispose([settings, ratesByParameter])
  return outputs
}
