import * as tf from '@tensorflow/tfjs-core'

/** Tensors by name. */
type Tensors<Names extends string> = Readonly<Record<Names, tf.Tensor>>

/**
 * The kernels that learning dispatches by name, beside tfjs's own. Preparing a backend registers all of them on it, so
 * code that uses them does not know which backend it runs on. Those that return an array have several outputs.
 */
export interface LearningKernels {
  /** dy where y is positive, else 0. */
  reluGradient(inputs: Tensors<'dy' | 'y'>): tf.TensorInfo
  /** Gives x·Φ(x), and of the same shape what the gradient asks for, whose content is the backend's own affair. */
  gelu(inputs: Tensors<'x'>): tf.TensorInfo[]
  /** dy times Φ(x) + x·φ(x); kept is the forward kernel's last output. */
  geluGradient(inputs: Tensors<'dy' | 'x' | 'kept'>): tf.TensorInfo
  /**
   * x is [batch, height, width, channels], gain and bias [channels]. Gives y, mean, variance (over n - 1), and three
   * outputs that the gradient asks for, whose content is the backend's own affair.
   */
  batchNormalization(inputs: Tensors<'x' | 'gain' | 'bias'>, attributes: { epsilon: number }): tf.TensorInfo[]
  /** Gives the gradients of x, gain and bias; center, spread and extra are the forward kernel's last outputs. */
  batchNormalizationGradient(
    inputs: Tensors<'dy' | 'x' | 'gain' | 'center' | 'spread' | 'extra'>,
    attributes: { epsilon: number },
  ): tf.TensorInfo[]
  /** x is [rows, features], gain and bias [features]. Gives y, the normalised rows, 1 / deviation [rows, 1]. */
  layerNormalization(inputs: Tensors<'x' | 'gain' | 'bias'>, attributes: { epsilon: number }): tf.TensorInfo[]
  /** Gives the gradients of x, gain and bias. */
  layerNormalizationGradient(inputs: Tensors<'dy' | 'normalized' | 'inverseDeviation' | 'gain'>): tf.TensorInfo[]
  /** Sums dy [count, features] by int32 indices [count] into the table's gradient [rows, features]. */
  embeddingGradient(inputs: Tensors<'dy' | 'indices'>, attributes: { rows: number }): tf.TensorInfo
}

/** A kernel's name in tfjs's registries. */
export function learningKernelName(kernel: keyof LearningKernels): string {
  return `Chronograd.${kernel}`
}

/** Registers a backend's implementations, once; a second call for the backend does nothing. */
export function registerLearningKernels(backendName: string, kernels: LearningKernels): void {
  if (tf.getKernel(learningKernelName('reluGradient'), backendName)) return
  for (const [name, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName: learningKernelName(name as keyof LearningKernels),
      backendName,
      kernelFunc: ({ inputs, attrs }) => kernel(inputs, attrs),
    })
  }
}

/** Runs one of the kernels on the current backend. */
export function runLearningKernel<Name extends keyof LearningKernels>(
  name: Name,
  ...[inputs, attributes]: Parameters<LearningKernels[Name]>
): ReturnType<LearningKernels[Name]> extends readonly tf.TensorInfo[] ? tf.Tensor[] : tf.Tensor {
  const outputs: unknown = tf.engine().runKernel(learningKernelName(name), { ...inputs }, attributes)
  return outputs as ReturnType<typeof runLearningKernel<Name>>
}
