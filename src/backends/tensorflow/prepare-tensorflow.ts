import { availableParallelism } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { type Backend, BackendUnavailableError } from '../backend.ts'
import { registerLearningKernels } from '../learning-kernels.ts'
import { describeProcessor } from '../processor.ts'
import type { Installation } from './installation.ts'
import { type LoadedTensorflow, loadTensorflow } from './load-tensorflow.ts'
import type { NativeBackend } from './native-backend.ts'
import { nativeKernels } from './native-kernels.ts'
import { replaceStockKernels } from './stock-kernels.ts'

let loaded: LoadedTensorflow | undefined

/** What the user has asked of TensorFlow for this process. */
const threadsFromEnvironment = process.env.TF_NUM_INTRAOP_THREADS

/**
 * Loads TensorFlow and makes it the current backend: from `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node` if
 * the project has installed one that works, otherwise from what `chronograd setup tensorflow` has built.
 *
 * @param threads how many threads one operation may use; the number of processors unless told. TensorFlow reads it once
 *   in a process, from `TF_NUM_INTRAOP_THREADS`, which is set here unless the environment has it.
 * @param installation the setup to load, whatever else there is
 * @throws BackendUnavailableError if there is no TensorFlow to load, it does not load, or it has other threads already
 */
export async function prepareTensorflow(threads?: number, installation?: Installation): Promise<Backend> {
  if (loaded === undefined) {
    // A worker thread has a copy of the environment, which TensorFlow does not see.
    if (isMainThread) {
      process.env.TF_NUM_INTRAOP_THREADS = threadsFromEnvironment || String(threads ?? availableParallelism())
      // TensorFlow turns oneDNN on by itself on some processors only; it takes a third off a step on the others too.
      process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
      // Otherwise TensorFlow takes all the memory of a GPU, and no second process can use it.
      process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
    }
    // Without this TensorFlow prints its greetings and advice on standard error; errors still come through.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
    loaded = loadTensorflow(installation)
  }
  const used = Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism())
  if (threads !== undefined && threads !== used) {
    throw new BackendUnavailableError(
      'tensorflow',
      `TensorFlow has ${used} threads in this process and cannot change to ${threads}; set TF_NUM_INTRAOP_THREADS=${threads} in the environment before the process starts.`,
    )
  }
  if (!(await tf.setBackend('tensorflow'))) {
    throw new BackendUnavailableError('tensorflow', 'TensorFlow was loaded, but tfjs could not make it its backend.')
  }
  const hasOwnOperations = loaded.build.operations !== undefined
  if (registerLearningKernels('tensorflow', nativeKernels(tf.backend() as NativeBackend, hasOwnOperations))) {
    replaceStockKernels(tf.backend() as NativeBackend, hasOwnOperations)
  }
  return {
    ...loaded,
    name: 'tensorflow',
    threads: used,
    build: { ...loaded.build, oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS ?? 'default', ...describeProcessor() },
  }
}
