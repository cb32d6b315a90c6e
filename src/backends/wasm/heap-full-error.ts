import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { ChronogradError } from '../../errors/chronograd-error.ts'

/** Thrown when the wasm backend's memory, which ends at 4 GiB, has no room for a tensor. The backend is of no use then. */
export class HeapFullError extends ChronogradError {}

/** What tfjs takes memory from, which its types do not tell. */
interface Allocator {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
}

/**
 * Makes a backend say so where its memory is full. It would end within WebAssembly, with an error that says nothing, or
 * be given address 0, which tfjs takes for memory: it goes on and computes wrong numbers.
 *
 * @throws HeapFullError from then on, where a tensor finds no room
 */
export function refuseWhereFull(backend: BackendWasm): void {
  const emscripten = backend.wasm as unknown as Allocator
  const allocate = emscripten._malloc
  // Kept: after an error within WebAssembly the allocator is of no use.
  let failure: HeapFullError | undefined
  emscripten._malloc = bytes => {
    if (failure !== undefined) throw failure
    try {
      const address = allocate(bytes)
      if (address !== 0) return address
      failure = heapFull(emscripten, bytes)
    } catch (error) {
      failure = heapFull(emscripten, bytes, { cause: error })
    }
    throw failure
  }
}

function heapFull({ HEAPU8 }: Allocator, bytes: number, options?: ErrorOptions): HeapFullError {
  const mebibytes = (count: number) => `${Math.ceil(count / 2 ** 20)} MiB`
  return new HeapFullError(
    `The wasm backend's memory is full: a tensor of ${mebibytes(bytes)} does not fit beside what is in its ${mebibytes(HEAPU8.length)}; train with a smaller batchSize, with recomputeActivations or a microBatchSize, or on native TensorFlow.`,
    options,
  )
}
