import { type Backend, type BackendChoice, type BackendName, BackendUnavailableError, backendNames } from './backend.ts'
import { prepareCpu } from './cpu/prepare-cpu.ts'
import { prepareTensorflow } from './tensorflow/prepare-tensorflow.ts'
import { prepareWasm } from './wasm/prepare-wasm.ts'

/** How a backend is prepared. */
export interface PrepareBackendOptions {
  /**
   * How many threads one TensorFlow operation may use; the number of processors unless told. TensorFlow reads it once in
   * a process. The other backends use one thread.
   */
  readonly threads?: number
}

const prepare: Record<BackendName, (options: PrepareBackendOptions) => Promise<Backend>> = {
  tensorflow: ({ threads }) => prepareTensorflow(threads),
  wasm: prepareWasm,
  cpu: prepareCpu,
}

/**
 * Loads a backend, registers the kernels that learning needs on it, and makes it the current one.
 *
 * `auto` takes the quickest backend that is usable here and says in `fallbackReason` why it took no quicker one.
 *
 * @throws BackendUnavailableError if the backend that was chosen by name cannot be used, or none can
 *
 * @example
 * const backend = await prepareBackend('auto')
 * if (backend.fallbackReason) console.warn(backend.fallbackReason)
 */
export async function prepareBackend(choice: BackendChoice, options: PrepareBackendOptions = {}): Promise<Backend> {
  if (choice !== 'auto') return await prepare[choice](options)
  const reasons: string[] = []
  for (const name of backendNames) {
    try {
      const backend = await prepare[name](options)
      return reasons.length === 0 ? backend : { ...backend, fallbackReason: reasons.join(' ') }
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error
      reasons.push(error.message)
    }
  }
  throw new BackendUnavailableError('cpu', `No backend is usable on this machine. ${reasons.join(' ')}`)
}
