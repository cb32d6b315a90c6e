import type * as tf from '@tensorflow/tfjs-core'
import type { AttentionAttributes } from '../../learning-kernels.ts'
import type { Heap } from '../heap.ts'

/** How the numbers for all heads lie: `parts` kinds of them side by side, such as queries, keys and values. */
interface Sides extends AttentionAttributes {
  readonly length: number
  readonly depth: number
  readonly parts: number
}

/** Both ways to lay them out: the bytes from one sample, place and head to the next. */
function stepsOf({ length, heads, depth, parts }: Sides): { together: number[]; byHead: number[] } {
  const row = 4 * parts * heads * depth
  return {
    together: [length * row, row, 4 * depth],
    byHead: [4 * heads * length * depth, 4 * depth, 4 * length * depth],
  }
}

function copy(heap: Heap, sides: Sides, from: number, fromSteps: number[], to: number, toSteps: number[]): void {
  const counts = [sides.batch, sides.length, sides.heads]
  const axes = counts.flatMap((count, axis) => [count, fromSteps[axis] as number, toSteps[axis] as number])
  heap.functions.copyStretches(from, to, 4 * sides.depth, ...axes)
}

/** [batch × length, parts × heads × depth] to as many of [batch, heads, length, depth]. */
export function splitHeads(
  heap: Heap,
  x: tf.TensorInfo,
  { batch, heads }: AttentionAttributes,
  parts: number,
): tf.TensorInfo[] {
  const [rows, columns] = x.shape as [number, number]
  const sides = { batch, length: rows / batch, heads, depth: columns / parts / heads, parts }
  const { together, byHead } = stepsOf(sides)
  return Array.from({ length: parts }, (_, kind) => {
    const part = heap.make([batch, heads, sides.length, sides.depth])
    copy(heap, sides, heap.address(x) + 4 * kind * heads * sides.depth, together, heap.address(part), byHead)
    return part
  })
}

/** Some of [batch, heads, length, depth] to [batch × length, parts × heads × depth]. */
export function mergeHeads(heap: Heap, parts: readonly [tf.TensorInfo, ...tf.TensorInfo[]]): tf.TensorInfo {
  const [batch, heads, length, depth] = parts[0].shape as [number, number, number, number]
  const sides = { batch, length, heads, depth, parts: parts.length }
  const { together, byHead } = stepsOf(sides)
  const merged = heap.make([batch * length, parts.length * heads * depth])
  for (const [kind, part] of parts.entries()) {
    copy(heap, sides, heap.address(part), byHead, heap.address(merged) + 4 * kind * heads * depth, together)
  }
  return merged
}
