import type { BackendName } from '../../src/backends/backend.ts'
import { isSetUp } from '../../src/backends/tensorflow/installation.ts'

/** The backends that this machine can test. That TensorFlow is left out is said aloud, once a file. */
export function usableBackends(): BackendName[] {
  if (isSetUp()) return ['cpu', 'wasm', 'tensorflow']
  process.stdout.write('  skipped on tensorflow: it is not set up on this machine (chronograd setup tensorflow)\n')
  return ['cpu', 'wasm']
}
