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
  if (height === 1 && width === 1) return pointwiseConvolution(stride === 1 ? x : placesSeen(x, stride), kernel)
  if (stride === 1 && isSmall(x, height) && height === width) return smallMapConvolution(x, kernel)
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

/** A 1×1 kernel mixes the channels of each place: a matrix product over the places. */
function pointwiseConvolution(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  const [, , , outputs] = kernel.shape
  const places = tf.reshape<tf.Rank.R2>(x, [batch * height * width, channels])
  const mixed = tf.matMul(places, tf.reshape<tf.Rank.R2>(kernel, [channels, outputs]))
  return tf.reshape(mixed, [batch, height, width, outputs])
}

/**
 * The places that a 1×1 kernel comes to with a stride, cut out as the beginnings of rows and lines: that is copying in
 * pieces, where TensorFlow's strided slice goes number by number.
 */
function placesSeen(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  const [down, across] = [Math.ceil(height / stride), Math.ceil(width / stride)]
  const missing = [down * stride - height, across * stride - width] as const
  const filled = missing.every(count => count === 0)
    ? x
    : tf.pad4d(x, [
        [0, 0],
        [0, missing[0]],
        [0, missing[1]],
        [0, 0],
      ])
  const lines = tf.reshape<tf.Rank.R4>(filled, [batch * down, stride, across, stride * channels])
  const seen = tf.slice4d(lines, [0, 0, 0, 0], [batch * down, 1, across, channels])
  return tf.reshape<tf.Rank.R4>(seen, [batch, down, across, channels])
}

/** Whether every place of a map lies under an odd kernel of this side wherever in the map that is put. */
function isSmall({ shape: [, height, width] }: tf.Tensor4D, side: number): boolean {
  return side % 2 === 1 && Math.max(height, width) <= (side + 1) / 2
}

/**
 * A convolution over a map of which every place sees every other, as deep in a network: one matrix product whose matrix
 * has, for each pair of places, what the kernel has between them. A convolution would multiply mostly padding.
 */
function smallMapConvolution(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  const [side, , , outputs] = kernel.shape
  const middle = (side - 1) / 2
  const columns: tf.Tensor2D[] = []
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const part = tf.slice4d(kernel, [middle - row, middle - column, 0, 0], [height, width, channels, outputs])
      columns.push(tf.reshape(part, [height * width * channels, outputs]))
    }
  }
  const y = tf.matMul(tf.reshape<tf.Rank.R2>(x, [batch, height * width * channels]), tf.concat2d(columns, 1))
  return tf.reshape(y, [batch, height, width, outputs])
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
