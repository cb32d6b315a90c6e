import * as tf from '@tensorflow/tfjs-core'

/**
 * Where the zeros around a picture go when a convolution has a stride. `same` adds as few as are needed, the odd one at
 * the bottom and on the right, as TensorFlow does; `symmetric` adds half a kernel on every side, as PyTorch's networks
 * do. They are the same with stride 1, and an output's size is the same with both.
 */
export type Padding = 'same' | 'symmetric'

/**
 * Convolution over height and width, padded with zeros so that an output is as large as its input divided by the
 * stride, rounded up.
 *
 * @param x [batch, height, width, channels]
 * @param kernel [kernel height, kernel width, channels, output channels]
 * @param options `padding` is `same` unless told, and `symmetric` takes an odd kernel; `inputGradient: false` where x is
 *   data, so that no gradient of it is computed
 * @returns [batch, ⌈height / stride⌉, ⌈width / stride⌉, output channels]
 */
export function convolution2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  {
    stride,
    padding = 'same',
    inputGradient = true,
  }: { readonly stride: number; readonly padding?: Padding; readonly inputGradient?: boolean },
): tf.Tensor4D {
  const [height, width] = kernel.shape
  if (stride > 1 && height === 1 && width === 1) return sparsePointwiseConvolution(x, kernel, stride)
  if (stride > 1 && padding === 'symmetric') {
    const [above, beside] = [(height - 1) / 2, (width - 1) / 2]
    const bordered = tf.pad4d(x, [
      [0, 0],
      [above, above],
      [beside, beside],
      [0, 0],
    ])
    return tf.conv2d(bordered, kernel, stride, 'valid')
  }
  const mirrored = inputGradient && stride === 1 && height % 2 === 1 && width % 2 === 1
  return mirrored ? convolutionWithMirroredGradient(x, kernel) : tf.conv2d(x, kernel, stride, 'same')
}

/**
 * With stride 1 and odd kernels, the gradient of x is itself a convolution of the same padding: that of dy with the
 * kernel mirrored in height and width and its channels exchanged. TensorFlow's kernel for it multiplies picture by
 * picture, which is up to 15 times slower on the small maps deep in a network.
 */
function convolutionWithMirroredGradient(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [pictures, weights, save] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc]
    save([pictures, weights])
    return { value: tf.conv2d(pictures, weights, 1, 'same'), gradFunc: mirroredGradient }
  })
  return operation(x, kernel) as tf.Tensor4D
}

/**
 * A 1×1 kernel sees only the places that its stride comes to, so its gradient is that of a dense 1×1 convolution over
 * those places. It is not asked for with the stride: oneDNN's kernel for that (TensorFlow 2.20) writes beyond its
 * memory, which shows as gradients that differ from run to run and as crashes.
 */
function sparsePointwiseConvolution(x: tf.Tensor4D, kernel: tf.Tensor4D, stride: number): tf.Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [pictures, weights, save] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc]
    save([pictures, weights])
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => sparsePointwiseGradient(dy as tf.Tensor4D, saved, stride)
    return { value: tf.conv2d(pictures, weights, stride, 'same'), gradFunc }
  })
  return operation(x, kernel) as tf.Tensor4D
}

function sparsePointwiseGradient(dy: tf.Tensor4D, saved: tf.Tensor[], stride: number): tf.Tensor[] {
  const [x, kernel] = saved as [tf.Tensor4D, tf.Tensor4D]
  const seen = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1])
  const common = { pad: 'same', dataFormat: 'NHWC' } as const
  const inputGradient: unknown = tf
    .engine()
    .runKernel(
      tf.Conv2DBackpropInput,
      { dy, filter: kernel },
      { ...common, strides: [stride, stride], inputShape: x.shape },
    )
  const kernelGradient: unknown = tf
    .engine()
    .runKernel(tf.Conv2DBackpropFilter, { x: seen, dy }, { ...common, strides: [1, 1], filterShape: kernel.shape })
  return [inputGradient as tf.Tensor, kernelGradient as tf.Tensor]
}

function mirroredGradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [x, kernel] = saved as [tf.Tensor4D, tf.Tensor4D]
  const mirrored = tf.transpose(tf.reverse4d(kernel, [0, 1]), [0, 1, 3, 2])
  const kernelGradient: unknown = tf
    .engine()
    .runKernel(
      tf.Conv2DBackpropFilter,
      { x, dy },
      { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', filterShape: kernel.shape },
    )
  return [tf.conv2d(dy as tf.Tensor4D, mirrored, 1, 'same'), kernelGradient as tf.Tensor]
}
