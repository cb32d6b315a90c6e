import * as tf from '@tensorflow/tfjs-core'

/** What the calls of one kernel with inputs of the same shapes have taken. */
export interface KernelTime {
  readonly kernel: string
  readonly shapes: string
  calls: number
  milliseconds: number
  /** Multiplications and additions, where it is a matrix product or a convolution. */
  operations: number
}

/** Milliseconds that the processor has worked for this process: a busy machine disturbs them less than a clock's. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Puts a stopwatch around every kernel of the current backend, for as long as the process lives. What a kernel spends in
 * others that it calls is theirs and not its own.
 *
 * @returns ends a count: what was run since the last end
 */
export function timeKernels(): () => KernelTime[] {
  const backendName = tf.getBackend()
  let times = new Map<string, KernelTime>()
  /** For each kernel that is running, what those called by it have taken. */
  const inner: number[] = []
  for (const config of tf.getKernelsForBackend(backendName)) {
    const { kernelName, kernelFunc, disposeFunc } = config
    tf.unregisterKernel(kernelName, backendName)
    const timed: tf.KernelFunc = args => {
      inner.push(0)
      const start = processorTime()
      const outputs = kernelFunc(args)
      const took = processorTime() - start
      const own = took - (inner.pop() ?? 0)
      if (inner.length > 0) inner.push((inner.pop() ?? 0) + took)
      const shapes = describeShapes(args.inputs, args.attrs)
      const time = times.get(kernelName + shapes) ?? {
        kernel: kernelName,
        shapes,
        calls: 0,
        milliseconds: 0,
        operations: 0,
      }
      time.calls += 1
      time.milliseconds += own
      time.operations += operationsOf(kernelName, args.inputs, args.attrs, outputs)
      times.set(kernelName + shapes, time)
      return outputs
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc: timed, ...(disposeFunc && { disposeFunc }) })
  }
  return () => {
    const ended = [...times.values()]
    times = new Map()
    return ended
  }
}

function describeShapes(inputs: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap | undefined): string {
  const shapes = Object.values(inputs).map(tensor => (tensor as tf.TensorInfo | undefined)?.shape.join('×'))
  const { strides, perm, axis, reductionIndices, transposeA, transposeB } = { ...attributes }
  const settings = Object.entries({ strides, perm, axis, reductionIndices })
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${String(value)}`)
  const turned = [transposeA ? 'Aᵀ' : '', transposeB ? 'Bᵀ' : ''].filter(Boolean)
  return [shapes.slice(0, 4).join(', '), ...turned, ...settings].join(' ')
}

function operationsOf(
  kernel: string,
  inputs: tf.NamedTensorInfoMap,
  attributes: tf.NamedAttrMap | undefined,
  outputs: tf.TensorInfo | tf.TensorInfo[],
): number {
  const shape = (name: string): number[] => inputs[name]?.shape ?? []
  const size = (sides: readonly number[]) => sides.reduce((product, side) => product * side, 1)
  const output = Array.isArray(outputs) ? outputs[0] : outputs
  switch (kernel) {
    case tf.BatchMatMul:
    case tf._FusedMatMul: {
      const inner = shape('a').at(attributes?.transposeA ? -2 : -1) ?? 1
      return 2 * size(output?.shape ?? []) * inner
    }
    case tf.Conv2D:
    case tf.FusedConv2D:
      return 2 * size(output?.shape ?? []) * size(shape('filter').slice(0, 3))
    case tf.Conv2DBackpropFilter:
      return 2 * size(shape('dy')) * size((output?.shape ?? []).slice(0, 3))
    case tf.Conv2DBackpropInput:
      return 2 * size(shape('dy')) * size(shape('filter').slice(0, 3))
    default:
      return 0
  }
}
