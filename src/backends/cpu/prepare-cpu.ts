import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { type Backend, BackendUnavailableError } from '../backend.ts'
import { registerLearningKernels } from '../learning-kernels.ts'
import { loopKernels } from '../loops/loop-kernels.ts'
import { describeProcessor } from '../processor.ts'
import { cpuArrayAccess } from './cpu-array-access.ts'

/**
 * Makes plain JavaScript the current backend: a few hundred times slower than TensorFlow, and there on every machine.
 *
 * @throws BackendUnavailableError if tfjs does not accept it
 */
export async function prepareCpu(): Promise<Backend> {
  if (!(await tf.setBackend('cpu'))) {
    throw new BackendUnavailableError('cpu', 'The cpu backend could not be made the current one.')
  }
  registerLearningKernels('cpu', loopKernels(cpuArrayAccess(tf.backend() as MathBackendCPU)))
  // The backend would otherwise print an advertisement for tfjs-node on first use; the caller has chosen.
  Reflect.set(tf.backend(), 'firstUse', false)
  return {
    name: 'cpu',
    version: tf.version_core,
    threads: 1,
    build: { v8: process.versions.v8, ...describeProcessor() },
  }
}
