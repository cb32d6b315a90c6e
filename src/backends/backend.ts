import { ChronogradError } from '../errors/chronograd-error.ts'

/** The backends that Chronograd trains on, quickest first. */
export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const

/** `tensorflow`: the native library. `wasm`: TensorFlow.js in WebAssembly. `cpu`: plain JavaScript, for tests. */
export type BackendName = (typeof backendNames)[number]

/** A backend by name, or `auto`: the quickest one that is usable on this machine. */
export type BackendChoice = 'auto' | BackendName

/**
 * The backend that a process computes with, as a run records it. Two processes whose `name`, `version`, `threads` and
 * `build` are equal compute bit-identical results; if any of them differs, the last bits may differ too.
 */
export interface Backend {
  readonly name: BackendName
  /** The version of the library that computes: TensorFlow's own, or that of the TensorFlow.js package. */
  readonly version: string
  /** How many threads one operation may use. */
  readonly threads: number
  /** Everything else that the last bits depend on, such as the processor's model and whether oneDNN is on. */
  readonly build: Readonly<Record<string, string>>
  /** One sentence that says why something better was not taken: a quicker backend, or an installed TensorFlow. */
  readonly fallbackReason?: string
}

/** Thrown when the chosen backend cannot be used on this machine; the message says why and what to do. */
export class BackendUnavailableError extends ChronogradError {
  readonly backend: BackendName

  constructor(backend: BackendName, message: string, options?: ErrorOptions) {
    super(message, options)
    this.backend = backend
  }
}
