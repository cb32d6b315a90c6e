import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { type BackendWasm, setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { describeError } from '../../errors/chronograd-error.ts'
import { type Backend, BackendUnavailableError } from '../backend.ts'
import { registerLearningKernels } from '../learning-kernels.ts'
import { loopKernels } from '../loops/loop-kernels.ts'
import { describeProcessor } from '../processor.ts'
import { keepListeners } from './keep-listeners.ts'
import { reluGradient } from './kernels/relu-gradient.ts'
import { wasmArrayAccess } from './wasm-array-access.ts'
import { registerWasmKernels } from './wasm-kernels.ts'

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
  const backend = tf.backend() as BackendWasm
  const access = wasmArrayAccess(backend)
  registerWasmKernels(backend, access)
  registerLearningKernels('wasm', { ...loopKernels(access), reluGradient })
  return {
    name: 'wasm',
    version: version_wasm,
    threads: 1,
    build: { v8: process.versions.v8, ...describeProcessor() },
  }
}
