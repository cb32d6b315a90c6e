import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../../loops/array-access.ts'
import type { MatrixProduct } from '../matrix-product.ts'
import { transposeBlocks } from '../transpose-blocks.ts'

/** Multiplications in one product from which the quick product of each pair pays for the copies it needs. */
const worthwhile = 2 ** 17

/**
 * Matrix products of any batch, either side transposed or not. The stock kernel is quick for one pair of untransposed
 * matrices only; here matrices are transposed into fresh tensors and multiplied pair by pair. Pairs that are too small
 * for that go to the stock kernel.
 */
export function batchMatMul(
  backend: BackendWasm,
  { access, multiply, stock }: { access: ArrayAccess; multiply: MatrixProduct; stock: tf.KernelFunc },
  inputs: tf.NamedTensorInfoMap,
  attributes: { transposeA: boolean; transposeB: boolean },
): tf.TensorInfo {
  const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>
  const { transposeA, transposeB } = attributes
  const [rows, inner] = lastSides(a, transposeA)
  const [, columns] = lastSides(b, transposeB)
  const batchA = a.shape.slice(0, -2)
  const batchB = b.shape.slice(0, -2)
  const pairs = tf.util.sizeFromShape(batchA)
  const plain = pairs === 1 && tf.util.sizeFromShape(batchB) === 1 && !transposeA && !transposeB
  if (plain || rows * inner * columns < worthwhile || !tf.util.arraysEqual(batchA, batchB)) {
    return stock({ inputs, attrs: { ...attributes }, backend }) as tf.TensorInfo
  }
  const product = access.make([...batchA, rows, columns])
  for (let pair = 0; pair < pairs; pair++) {
    const left = oneMatrix(backend, access, a, pair, { rows, columns: inner, transposed: transposeA })
    const right = oneMatrix(backend, access, b, pair, { rows: inner, columns, transposed: transposeB })
    const pairProduct = multiply(left, right)
    const [products, values] = access.arrays(product, pairProduct)
    products.set(values, pair * rows * columns)
    for (const { dataId } of [left, right, pairProduct]) backend.disposeData(dataId)
  }
  return product
}

/** The rows and columns that the product sees. */
function lastSides({ shape }: tf.TensorInfo, transposed: boolean): [number, number] {
  const [first, second] = shape.slice(-2) as [number, number]
  return transposed ? [second, first] : [first, second]
}

/** One matrix of a batch, the way round that the product wants it: a copy, or the batch itself if it is that matrix. */
function oneMatrix(
  backend: BackendWasm,
  access: ArrayAccess,
  batch: tf.TensorInfo,
  index: number,
  { rows, columns, transposed }: { rows: number; columns: number; transposed: boolean },
): tf.TensorInfo {
  if (!transposed && tf.util.sizeFromShape(batch.shape) === rows * columns) {
    // Counted as one more use, so that it is disposed like a copy.
    backend.incRef(batch.dataId)
    return { dataId: batch.dataId, shape: [rows, columns], dtype: batch.dtype }
  }
  const copy = access.make([rows, columns])
  const [source, target] = access.arrays(batch, copy)
  const from = index * rows * columns
  if (transposed) transposeBlocks(source, from, target, 0, { rows: columns, columns: rows })
  else target.set(source.subarray(from, from + rows * columns))
  return copy
}
