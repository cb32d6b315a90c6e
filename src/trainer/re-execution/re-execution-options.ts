import type { Backend, BackendChoice } from '../../backends/backend.ts'
import type { PreparationProgress } from '../prepare-data.ts'

/** How far a re-execution is, for whoever shows it. */
export interface ReexecutionProgress {
  /** The step that was done again just now. */
  readonly step: number
  /** The first step that is done again, and the last. */
  readonly from: number
  readonly to: number
}

/** Which run is done again, and where. */
export interface ReexecutionOptions {
  /** The run, by name. */
  readonly run: string
  /** The store's folder; `runs` unless given. */
  readonly store?: string
  /** The backend, chosen by name or prepared before; the one that the log tells of unless given. */
  readonly backend?: BackendChoice | Backend
  /** Goes on where the bits come out otherwise, and counts differences as expected. */
  readonly allowDifferentEnvironment?: boolean
  /** Is told how far decoding is. */
  readonly onPreparing?: (progress: PreparationProgress) => void
  /** Is told of each step. */
  readonly onProgress?: (progress: ReexecutionProgress) => void
  /** Is told what a person should know, such as a damaged checkpoint that was passed over. */
  readonly onNotice?: (sentence: string) => void
}
