import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'

const require = createRequire(import.meta.url)

/**
 * Registers the backend `tensorflow` and its kernels from the setup in `folder`, on the copy of tfjs-core that this
 * library uses.
 *
 * @param packageName the package that the kernels take themselves for; some do other things for GPUs
 */
export function loadBinding(folder: string, packageName: string): void {
  Reflect.set(globalThis, Symbol.for('chronograd.tfjs-core'), tf)
  const binding: unknown = require(join(folder, 'tfjs_binding.node'))
  const { NodeJSKernelBackend } = require(join(folder, 'dist', 'nodejs_kernel_backend.js')) as {
    NodeJSKernelBackend: new (binding: unknown, packageName: string) => tf.KernelBackend
  }
  require(join(folder, 'dist', 'register_all_kernels.js'))
  addChainedOperations()
  const backend = new NodeJSKernelBackend(binding, packageName)
  tf.registerBackend('tensorflow', () => backend)
}

/** Three of the binding's kernels (argMax, exp, prelu) call these as methods, which tfjs-core alone does not define. */
function addChainedOperations(): void {
  const methods = {
    toInt(this: tf.Tensor) {
      return tf.cast(this, 'int32')
    },
    toFloat(this: tf.Tensor) {
      return tf.cast(this, 'float32')
    },
    add(this: tf.Tensor, other: tf.Tensor) {
      return tf.add(this, other)
    },
  }
  for (const [name, method] of Object.entries(methods)) {
    if (!(name in tf.Tensor.prototype)) Object.defineProperty(tf.Tensor.prototype, name, { value: method })
  }
}
