import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { type BackendWasm, setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { describeError } from '../../errors/chronograd-error.ts'
import { type Backend, BackendUnavailableError } from '../backend.ts'
import { registerLearningKernels } from '../learning-kernels.ts'
import { describeProcessor } from '../processor.ts'
import { type Heap, heapOf } from './heap.ts'
import { refuseWhereFull } from './heap-full-error.ts'
import { keepListeners } from './keep-listeners.ts'
import { learningOnWasm } from './learning-on-wasm.ts'
import { heapFunctionsVersion } from './simd/heap-functions.ts'
import { registerWasmKernels } from './wasm-kernels.ts'

let heap: Heap | undefined

/**
 * Makes WebAssembly the current backend, single-threaded, with its binaries read from node_modules.
 *
 * @throws BackendUnavailableError if the binaries are missing or do not start
 */
export async function prepareWasm(): Promise<Backend> {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  if (tf.findBackend('wasm') === null) setWasmPaths(dirname(main) + sep)
  try {
    if (!(await keepListeners(() => tf.setBackend('wasm')))) throw new Error('tfjs does not accept it')
  } catch (error) {
    throw new BackendUnavailableError('wasm', `The wasm backend does not start (${describeError(error)}).`, {
      cause: error,
    })
  }
  if (heap === undefined) {
    heap = heapOf(tf.backend() as BackendWasm)
    // After the heap's first memory: the first time that Emscripten gives some, it puts another function in its place.
    refuseWhereFull(tf.backend() as BackendWasm)
  }
  registerWasmKernels(heap)
  registerLearningKernels('wasm', learningOnWasm(heap))
  return {
    name: 'wasm',
    version: version_wasm,
    threads: 1,
    build: { kernels: String(heapFunctionsVersion), v8: process.versions.v8, ...describeProcessor() },
  }
}
