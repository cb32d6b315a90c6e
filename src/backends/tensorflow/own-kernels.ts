import * as tf from '@tensorflow/tfjs-core'
import type { AdamwAttributes, AdamwInputs, LearningKernels } from '../learning-kernels.ts'
import { float, integer, type NativeBackend, sharing } from './native-backend.ts'

/** Learning's kernels as the operations in `native/`, which `chronograd setup tensorflow` compiles with the binding. */
export function ownKernels(backend: NativeBackend) {
  const run = backend.executeSingleOutput.bind(backend)
  const runAll = backend.executeMultipleOutputs.bind(backend)
  return {
    // Computing the distribution again takes less time than bringing it from memory.
    gelu: ({ x }) => [run('ChronogradGelu', [], [x]), sharing(backend, x)],
    geluGradient: ({ dy, x }) => run('ChronogradGeluGradient', [], [dy, x]),
    softmax: ({ x }, { scale }) => run('ChronogradSoftmax', [float(backend, 'scale', scale)], [x]),
    softmaxGradient: ({ dy, y }, { scale }) =>
      run('ChronogradSoftmaxGradient', [float(backend, 'scale', scale)], [dy, y]),
    splitHeads: ({ x }, { batch, heads }) =>
      runAll('ChronogradSplitHeads', [integer(backend, 'batch', batch), integer(backend, 'heads', heads)], [x], 3),
    mergeHeads: ({ queries, keys, values }) => run('ChronogradMergeHeads', [], [queries, keys, values]),
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
