import * as tf from '@tensorflow/tfjs-core'
import { type AttentionAttributes, learningKernelName } from '../learning-kernels.ts'
import { type OutlineBackend, outlineName } from './outline-backend.ts'

/** What an operation's result is like, and what computing it takes. */
interface Outline {
  readonly shape: readonly number[]
  /** That of the first input unless told. */
  readonly dtype?: tf.DataType
  /** Multiplications and additions, where they are counted. */
  readonly operations?: number
}

type ShapeRule = (inputs: tf.NamedTensorInfoMap, attributes: unknown) => Outline

/** A rule that knows the settings of its own operation. */
function rule<Attributes>(outline: (inputs: tf.NamedTensorInfoMap, attributes: Attributes) => Outline): ShapeRule {
  return (inputs, attributes) => outline(inputs, attributes as Attributes)
}

type Sides = [number, number, number, number]

const input = (inputs: tf.NamedTensorInfoMap, name: string): tf.TensorInfo => inputs[name] as tf.TensorInfo

/** The shape of an operation between two tensors, element by element. */
const broadcast = rule(inputs => ({
  shape: tf.broadcast_util.assertAndGetBroadcastShape(input(inputs, 'a').shape, input(inputs, 'b').shape),
}))

const comparison = rule((inputs, attributes) => ({ ...broadcast(inputs, attributes), dtype: 'bool' as const }))

/** The shape of an operation on one tensor, element by element. */
const unchanged = rule(inputs => ({ shape: Object.values(inputs)[0]?.shape ?? [] }))

/** The shape of a sum, a mean or a maximum along axes. */
const reduced = rule(
  (inputs, attributes: { axis?: number | number[]; reductionIndices?: number | number[]; keepDims: boolean }) => {
    const { shape } = input(inputs, 'x')
    const axes = tf.util.parseAxisParam(attributes.axis ?? attributes.reductionIndices ?? [], shape)
    const sides = shape.map((side, axis) => (axes.includes(axis) ? 1 : side))
    return { shape: attributes.keepDims ? sides : sides.filter((_, axis) => !axes.includes(axis)) }
  },
)

const batchMatMul = rule((inputs, { transposeA, transposeB }: tf.BatchMatMulAttrs) => {
  const [a, b] = [input(inputs, 'a').shape, input(inputs, 'b').shape]
  const [rows, inner] = lastSides(a, transposeA)
  const [, columns] = lastSides(b, transposeB)
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2))
  const shape = [...batch, rows, columns]
  return { shape, operations: 2 * inner * tf.util.sizeFromShape(shape) }
})

function lastSides(shape: readonly number[], transposed: boolean): [number, number] {
  const [first, second] = shape.slice(-2) as [number, number]
  return transposed ? [second, first] : [first, second]
}

const convolution = rule((inputs, { strides, pad, dilations, dimRoundingMode }: tf.Conv2DAttrs) => {
  const filterShape = input(inputs, 'filter').shape as Sides
  const xShape = input(inputs, 'x').shape as Sides
  const { outShape } = tf.backend_util.computeConv2DInfo(xShape, filterShape, strides, dilations, pad, dimRoundingMode)
  const [height, width, channels] = filterShape
  return { shape: outShape, operations: 2 * height * width * channels * tf.util.sizeFromShape(outShape) }
})

const maxPool = rule((inputs, { filterSize, strides, pad, dimRoundingMode }: tf.MaxPoolAttrs) => {
  const xShape = input(inputs, 'x').shape as Sides
  return { shape: tf.backend_util.computePool2DInfo(xShape, filterSize, strides, 1, pad, dimRoundingMode).outShape }
})

/** The shape of each operation's result, by tfjs's own names for the operations that towers are made of. */
const shapeRules: Readonly<Record<string, ShapeRule>> = {
  [tf.Add]: broadcast,
  [tf.Sub]: broadcast,
  [tf.Multiply]: broadcast,
  [tf.RealDiv]: broadcast,
  [tf.Maximum]: broadcast,
  [tf.GreaterEqual]: comparison,
  [tf.Equal]: comparison,
  [tf.Relu]: unchanged,
  [tf.Sigmoid]: unchanged,
  [tf.Softmax]: unchanged,
  [tf.Identity]: unchanged,
  [tf.Square]: unchanged,
  [tf.Rsqrt]: unchanged,
  [tf.Sum]: reduced,
  [tf.Mean]: reduced,
  [tf.Max]: reduced,
  [tf.BatchMatMul]: batchMatMul,
  [tf.Conv2D]: convolution,
  [tf.MaxPool]: maxPool,
  [tf.Cast]: rule((inputs, { dtype }: tf.CastAttrs) => ({ shape: input(inputs, 'x').shape, dtype })),
  [tf.Fill]: rule((_, { shape, dtype }: tf.FillAttrs) => ({ shape, dtype })),
  [tf.Range]: rule((_, { start, stop, step, dtype }: tf.RangeAttrs) => ({
    shape: [Math.ceil((stop - start) / step)],
    dtype,
  })),
  [tf.Reshape]: rule((inputs, { shape }: tf.ReshapeAttrs) => ({
    shape: tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(input(inputs, 'x').shape)),
  })),
  [tf.ExpandDims]: rule((inputs, { dim }: tf.ExpandDimsAttrs) => ({
    shape: input(inputs, 'input').shape.toSpliced(dim, 0, 1),
  })),
  [tf.Transpose]: rule((inputs, { perm }: tf.TransposeAttrs) => {
    const { shape } = input(inputs, 'x')
    return { shape: perm.map(axis => shape[axis] ?? 1) }
  }),
  [tf.Slice]: rule((inputs, { begin, size }: tf.SliceAttrs) => {
    const [, sizes] = tf.slice_util.parseSliceParams(input(inputs, 'x') as tf.Tensor, begin, size)
    return { shape: sizes as number[] }
  }),
  [tf.Concat]: rule((inputs, { axis }: tf.ConcatAttrs) => {
    const shapes = Object.values(inputs as Record<string, tf.TensorInfo>).map(({ shape }) => shape)
    return { shape: tf.backend_util.computeOutShape(shapes, axis) }
  }),
  [tf.GatherV2]: rule((inputs, { axis }: tf.GatherV2Attrs) => ({
    shape: input(inputs, 'x').shape.toSpliced(axis, 1, ...input(inputs, 'indices').shape),
  })),
  [tf.PadV2]: rule((inputs, { paddings }: tf.PadV2Attrs) => ({
    shape: input(inputs, 'x').shape.map((side, axis) => side + (paddings[axis] ?? []).reduce((a, b) => a + b, 0)),
  })),
}

/** Registers every operation's outline, once. An operation that is not among them is refused by tfjs, by name. */
export function registerOutlineKernels(): void {
  if (tf.getKernel(tf.Conv2D, outlineName)) return
  for (const [kernelName, outline] of Object.entries(shapeRules)) {
    register(kernelName, (backend, inputs, attributes) => {
      const { shape, dtype, operations = 0 } = outline(inputs, attributes)
      backend.operations += operations
      return backend.outline(shape, dtype ?? Object.values(inputs)[0]?.dtype)
    })
  }
  register(tf.SplitV, (backend, inputs, attributes) => {
    const x = input(inputs, 'x')
    const { numOrSizeSplits, axis } = attributes as tf.SplitVAttrs
    const [at = 0] = tf.util.parseAxisParam(axis, x.shape)
    const sizes = tf.backend_util.prepareSplitSize(x, numOrSizeSplits, at)
    return sizes.map(size => backend.outline(x.shape.with(at, size)))
  })
  register(learningKernelName('gelu'), (backend, inputs) => {
    const { shape } = input(inputs, 'x')
    return [shape, shape].map(each => backend.outline(each))
  })
  register(learningKernelName('attention'), (backend, inputs, attributes) => {
    const [rows, columns] = input(inputs, 'x').shape as [number, number]
    const { batch } = attributes as AttentionAttributes
    const width = columns / 3
    // Two products in each sequence: of queries and keys, and of what came of that and values.
    backend.operations += 2 * 2 * rows * (rows / batch) * width
    return [
      [rows, width],
      [rows, columns],
    ].map(each => backend.outline(each))
  })
  register(learningKernelName('layerNormalization'), (backend, inputs) => {
    const { shape } = input(inputs, 'x')
    return [shape, shape, [shape[0] ?? 1, 1]].map(each => backend.outline(each))
  })
}

function register(
  kernelName: string,
  outline: (
    backend: OutlineBackend,
    inputs: tf.NamedTensorInfoMap,
    attributes: unknown,
  ) => tf.TensorInfo | tf.TensorInfo[],
): void {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) => outline(backend as OutlineBackend, inputs, attrs)
  tf.registerKernel({ kernelName, backendName: outlineName, kernelFunc })
}
