import * as tf from '@tensorflow/tfjs-core'

/** One run of a TensorFlow.js kernel. */
export interface TimedOperation {
  /** The kernel's name, such as `Conv2DBackpropFilter`; learning's own begin with `Chronograd.`. */
  readonly name: string
  /** The shapes of its inputs and outputs, such as `128×32×32×3, 3×3×3×32`. */
  readonly inputs: string
  readonly outputs: string
  /** When it began and ended, by `performance.now()`. */
  readonly from: number
  readonly to: number
  /** Milliseconds of that without those of kernels that it ran itself. */
  readonly own: number
}

/**
 * Tells of every kernel that TensorFlow.js runs from now on, on any backend, until what it returns is called. The
 * backends of this process compute before they return, so the clock tells how long a kernel took, with what
 * TensorFlow.js itself does around it.
 */
export function timeOperations(onOperation: (operation: TimedOperation) => void): () => void {
  const engine = tf.engine()
  const { runKernel } = engine
  /** Milliseconds of the kernels that the one which is running has run so far. */
  let within = 0
  const timed: typeof runKernel = (name, inputs, attributes) => {
    const around = within
    within = 0
    const from = performance.now()
    const result = runKernel.call(engine, name, inputs, attributes)
    const to = performance.now()
    const own = to - from - within
    within = around + (to - from)
    onOperation({
      ...{ name, from, to, own },
      inputs: shapesOf(Object.values(inputs)),
      outputs: shapesOf(Array.isArray(result) ? result : [result]),
    })
    return result as never
  }
  engine.runKernel = timed
  return () => {
    engine.runKernel = runKernel
  }
}

/** Some inputs are left out, such as the bias of a convolution that has none. */
function shapesOf(tensors: readonly (tf.Tensor | null | undefined)[]): string {
  return tensors.flatMap(tensor => (tensor == null ? [] : [tensor.shape.join('×') || 'scalar'])).join(', ')
}
