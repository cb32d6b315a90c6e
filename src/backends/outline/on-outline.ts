import * as tf from '@tensorflow/tfjs-core'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import { OutlineBackend, outlineName } from './outline-backend.ts'
import { registerOutlineKernels } from './outline-kernels.ts'

/** Runs some work and says how many floating-point operations its matrix products and convolutions take. */
export type OperationCounter = (work: () => void) => number

/**
 * Does `work` on a backend whose tensors have shapes and no numbers, so that it takes neither memory nor time to speak
 * of. The backend that was current is current again afterwards. Everything that `work` makes must be of the outline:
 * tensors of another backend have no meaning on it, and its own have none anywhere else.
 *
 * @param work is given a counter; it must not be asynchronous
 *
 * @example
 * const operations = onOutline(count => count(() => tf.matMul(tf.fill([1000, 1000], 0), tf.fill([1000, 1000], 0))))
 */
export function onOutline<Result>(work: (count: OperationCounter) => Result): Result {
  const before = tf.getBackend() as string | null | undefined
  const backend = new OutlineBackend()
  registerOutlineKernels()
  tf.registerBackend(outlineName, () => backend)
  try {
    // This backend is ready at once, so it is the current one before the promise is looked at: nothing that runs beside
    // this function can come upon it.
    void tf.setBackend(outlineName)
    if (tf.backend() !== backend) throw new ChronogradError('The outline could not be made the current backend.')
    return inScope(() =>
      work(counted => {
        const start = backend.operations
        tf.tidy(counted)
        return backend.operations - start
      }),
    )
  } finally {
    tf.removeBackend(outlineName)
    if (before != null && before !== '') void tf.setBackend(before)
  }
}

/** Lets go of the tensors that `work` leaves, as `tf.tidy` does, and does not look for tensors in what it returns. */
function inScope<Result>(work: () => Result): Result {
  tf.engine().startScope()
  try {
    return work()
  } finally {
    tf.engine().endScope()
  }
}
