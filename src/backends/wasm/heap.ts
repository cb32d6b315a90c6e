import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type * as tf from '@tensorflow/tfjs-core'
import type { ArrayAccess } from '../loops/array-access.ts'
import { type HeapFunctions, instantiateHeapFunctions, scratchBytes } from './simd/heap-functions.ts'
import { wasmArrayAccess } from './wasm-array-access.ts'

/** The memory in which the wasm backend keeps all numbers, and functions of our own that work in it. */
export interface Heap extends ArrayAccess {
  readonly functions: HeapFunctions
  /** Memory that functions may use while they run. */
  readonly scratch: number
  /** Where a tensor's numbers lie, in bytes. They stay there as long as the tensor lives, also when the heap grows. */
  address(tensor: tf.TensorInfo): number
  /** The same numbers with another shape, as one more tensor. */
  share(tensor: tf.TensorInfo, shape: number[]): tf.TensorInfo
  /** Lets go of tensors that a kernel has made for itself. */
  release(...tensors: readonly tf.TensorInfo[]): void
}

/** The heap of this backend. */
export function heapOf(backend: BackendWasm): Heap {
  // Emscripten keeps what the module exports, its memory among it, under this name.
  const { memory } = Reflect.get(backend.wasm, 'asm') as { memory: object }
  const access = wasmArrayAccess(backend)
  const address = ({ dataId }: tf.TensorInfo) => backend.dataIdMap.get(dataId).memoryOffset
  return {
    ...access,
    functions: instantiateHeapFunctions(memory),
    scratch: address(access.make([scratchBytes / 4])),
    address,
    share: ({ dataId, dtype }, shape) => {
      backend.incRef(dataId)
      return { dataId, shape, dtype }
    },
    release: (...tensors) => {
      for (const { dataId } of tensors) backend.disposeData(dataId)
    },
  }
}
