import * as tf from '@tensorflow/tfjs-core'

type Outputs = tf.TensorInfo | tf.TensorInfo[]

/** A kernel of ours in the place of one of tfjs's; undefined is what it leaves to tfjs's own. */
export type ReplacingKernel = (inputs: tf.NamedTensorInfoMap, attributes: unknown) => Outputs | undefined

/** A kernel that knows its inputs and settings. */
export function kernel<Names extends string, Attributes>(
  compute: (inputs: Record<Names, tf.TensorInfo>, attributes: Attributes) => Outputs | undefined,
): ReplacingKernel {
  return (inputs, attributes) => compute(inputs as Record<Names, tf.TensorInfo>, attributes as Attributes)
}

/** Registers kernels, by tfjs's names for them, in the place of those that a backend has, where it has any. */
export function replaceKernels(backendName: string, kernels: Readonly<Record<string, ReplacingKernel>>): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    const stock = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined
    if (stock) tf.unregisterKernel(kernelName, backendName)
    const kernelFunc: tf.KernelFunc = args => {
      const outputs = compute(args.inputs, args.attrs) ?? stock?.kernelFunc(args)
      if (outputs === undefined) throw new Error(`The ${backendName} backend has no ${kernelName} for such tensors.`)
      return outputs
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc })
  }
}
