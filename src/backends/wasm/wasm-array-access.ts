import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess, ArraysOf } from '../loops/array-access.ts'

/** The wasm backend keeps all numbers in one heap, which moves when it grows. */
export function wasmArrayAccess(backend: BackendWasm): ArrayAccess {
  return {
    make: shape => backend.makeOutput(shape, 'float32'),
    arrays: <const Tensors extends readonly tf.TensorInfo[]>(...tensors: Tensors) => {
      // A tensor that another backend holds is fetched on first touch, which may grow the heap: touch all, then look.
      for (const { dataId } of tensors) backend.dataIdMap.get(dataId)
      return tensors.map(tensor => backend.typedArrayFromHeap(tensor)) as unknown as ArraysOf<Tensors>
    },
    integers: ({ dataId }) => backend.readSync(dataId) as Int32Array,
  }
}
