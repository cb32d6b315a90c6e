import * as tf from '@tensorflow/tfjs-core'
import type { AttentionAttributes, AttentionInputs } from '../../learning-kernels.ts'
import type { Heap } from '../heap.ts'
import { batchMatMul } from './batch-mat-mul.ts'
import { mergeHeads, splitHeads } from './heads.ts'
import { softmax, softmaxGradient } from './softmax.ts'

type Three = [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo]

/** Attention, and for the gradient what share each query has of each value: [batch, heads, length, length]. */
export function attention(
  heap: Heap,
  { x, bias, hidden }: AttentionInputs,
  shape: AttentionAttributes,
): tf.TensorInfo[] {
  const [queries, keys, values] = biasedHeads(heap, x, bias, shape)
  const scores = product(heap, queries, keys, { transposeB: true })
  const shares = sharesOf(heap, scores, scaleOf(queries), hidden)
  const gathered = product(heap, shares, values)
  const y = mergeHeads(heap, [gathered])
  heap.release(queries, keys, values, gathered)
  return [y, shares]
}

/** The gradients of x and of the bias. */
export function attentionGradient(
  heap: Heap,
  { dy, x, bias, kept: shares }: AttentionInputs & Readonly<Record<'dy' | 'kept', tf.Tensor>>,
  shape: AttentionAttributes,
): tf.TensorInfo[] {
  const [queries, keys, values] = biasedHeads(heap, x, bias, shape)
  const [slopes] = splitHeads(heap, dy, shape, 1) as [tf.TensorInfo]
  const ofShares = product(heap, slopes, values, { transposeB: true })
  const ofScores = softmaxGradient(heap, { dy: ofShares, y: shares }, scaleOf(queries))
  const parts: Three = [
    product(heap, ofScores, keys),
    product(heap, ofScores, queries, { transposeA: true }),
    product(heap, shares, slopes, { transposeA: true }),
  ]
  const dx = mergeHeads(heap, parts)
  heap.release(queries, keys, values, slopes, ofShares, ofScores, ...parts)
  const gradient = asTensor(dx)
  return [gradient, tf.sum(gradient, 0)]
}

/** Queries, keys and values, each [batch, heads, length, depth]. */
function biasedHeads(heap: Heap, x: tf.Tensor, bias: tf.Tensor, shape: AttentionAttributes): Three {
  const biased = tf.add(x, bias)
  const parts = splitHeads(heap, biased, shape, 3) as Three
  biased.dispose()
  return parts
}

/** The softmax of the scores, which it lets go of. */
function sharesOf(heap: Heap, scores: tf.TensorInfo, scale: number, hidden: tf.Tensor | undefined): tf.TensorInfo {
  if (hidden === undefined) {
    const shares = softmax(heap, scores, scale)
    heap.release(scores)
    return shares
  }
  const told = tf.tidy(() => tf.add(tf.mul(asTensor(scores), scale), hidden))
  const shares = softmax(heap, told, 1)
  told.dispose()
  return shares
}

/** What a kernel made, for tfjs's own operations, which let go of it with their other tensors. */
function asTensor(made: tf.TensorInfo): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(made)
}

/** What scores are multiplied by: one over the square root of a query's length. */
function scaleOf(queries: tf.TensorInfo): number {
  return 1 / Math.sqrt(queries.shape[3] as number)
}

/** The products of matrices of one batch, which never are the stock kernel's. */
function product(
  heap: Heap,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA = false, transposeB = false } = {},
): tf.TensorInfo {
  return batchMatMul(heap, { a, b }, { transposeA, transposeB }) as tf.TensorInfo
}
