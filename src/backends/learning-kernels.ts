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
  /**
   * x is [rows, features], bias [features]. Gives t·Φ(t) of t = x + bias, and what the gradient asks for, whose content
   * is the backend's own affair.
   */
  gelu(inputs: Tensors<'x' | 'bias'>): tf.TensorInfo[]
  /** Gives the gradient of x, dy times Φ(t) + t·φ(t), and that of the bias; kept is the forward kernel's last output. */
  geluGradient(inputs: Tensors<'dy' | 'x' | 'bias' | 'kept'>): tf.TensorInfo[]
  /** Gives what attention gathers, and what the gradient asks for, whose content is the backend's own affair. */
  attention(inputs: AttentionInputs, attributes: AttentionAttributes): tf.TensorInfo[]
  /** Gives the gradients of x and bias; kept is the forward kernel's last output. */
  attentionGradient(inputs: AttentionInputs & Tensors<'dy' | 'kept'>, attributes: AttentionAttributes): tf.TensorInfo[]
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
  /**
   * x is [rows, features], gain and bias [features]. Gives y, and two outputs that the gradient asks for, whose content is
   * the backend's own affair.
   */
  layerNormalization(inputs: Tensors<'x' | 'gain' | 'bias'>, attributes: { epsilon: number }): tf.TensorInfo[]
  /** Gives the gradients of x, gain and bias; kept and statistics are the forward kernel's last outputs. */
  layerNormalizationGradient(inputs: Tensors<'dy' | 'kept' | 'statistics' | 'gain'>): tf.TensorInfo[]
  /** Sums dy [count, features] by int32 indices [count] into the table's gradient [rows, features]. */
  embeddingGradient(inputs: Tensors<'dy' | 'indices'>, attributes: { rows: number }): tf.TensorInfo
  /** Gives the new moments, both vectors, then the new parameters in the order of `rates`. */
  adamw(inputs: AdamwInputs, attributes: AdamwAttributes): tf.TensorInfo[]
}

/** Queries, keys and values, [batch × length, 3 × heads × depth]; and what each query is told apart from them. */
export interface AttentionInputs {
  readonly x: tf.Tensor
  /** Added to each row of x. */
  readonly bias: tf.Tensor
  /** Added to the scores where it is there: [batch or 1, 1, length or 1, length], by query, then by key. */
  readonly hidden?: tf.Tensor
}

/** How attention's rows make up sequences, and its columns heads. */
export interface AttentionAttributes {
  readonly batch: number
  readonly heads: number
}

/**
 * What an update of AdamW starts from: gradient and moments as vectors in which the parameters lie end to end, and the
 * parameters, `weights0` and so on.
 */
export interface AdamwInputs {
  readonly gradient: tf.Tensor
  readonly first: tf.Tensor
  readonly second: tf.Tensor
  readonly [weights: `weights${number}`]: tf.Tensor
}

/** How an update of AdamW moves. A parameter becomes itself × kept - learningRate × first / (√second + epsilon). */
export interface AdamwAttributes {
  /** What share of a new moment the gradient, or its square, makes. */
  readonly firstShare: number
  readonly secondShare: number
  readonly epsilon: number
  /** By parameter. */
  readonly rates: readonly { readonly learningRate: number; readonly kept: number }[]
}

/** A kernel's name in tfjs's registries. */
export function learningKernelName(kernel: keyof LearningKernels): string {
  return `Chronograd.${kernel}`
}

/** Registers a backend's implementations. @returns false where they are registered already */
export function registerLearningKernels(backendName: string, kernels: LearningKernels): boolean {
  if (tf.getKernel(learningKernelName('reluGradient'), backendName)) return false
  for (const [name, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName: learningKernelName(name as keyof LearningKernels),
      backendName,
      kernelFunc: ({ inputs, attrs }) => kernel(inputs, attrs),
    })
  }
  return true
}

/** Runs one of the kernels on the current backend. */
export function runLearningKernel<Name extends keyof LearningKernels>(
  name: Name,
  ...[inputs, attributes]: Parameters<LearningKernels[Name]>
): ReturnType<LearningKernels[Name]> extends readonly tf.TensorInfo[] ? tf.Tensor[] : tf.Tensor {
  const outputs: unknown = tf
    .engine()
    .runKernel(learningKernelName(name), { ...inputs }, attributes && { ...attributes })
  return outputs as ReturnType<typeof runLearningKernel<Name>>
}
