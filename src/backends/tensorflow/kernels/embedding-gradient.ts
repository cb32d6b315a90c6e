import * as tf from '@tensorflow/tfjs-core'
import { floatType, indexType, type NativeBackend } from '../native-backend.ts'

/** UnsortedSegmentSum of dy's rows into a table of `rows` rows. */
export function embeddingGradient(
  backend: NativeBackend,
  { dy, indices }: Record<'dy' | 'indices', tf.TensorInfo>,
  rows: number,
): tf.TensorInfo {
  const count = tf.scalar(rows, 'int32')
  const attributes = [floatType(backend), indexType(backend, 'Tindices'), indexType(backend, 'Tnumsegments')]
  const sum = backend.executeSingleOutput('UnsortedSegmentSum', attributes, [dy, indices, count])
  count.dispose()
  return sum
}
