import type { Observation } from '../metrics/observation.ts'
import type { Finding } from './diagnosis.ts'

/** A part of a detector's state. Numbers are finite, so that the state survives JSON. */
export type DetectorValue =
  | number
  | boolean
  | null
  | readonly DetectorValue[]
  | { readonly [name: string]: DetectorValue }

/** What a detector remembers between two observations: plain JSON, of a size that does not grow with the run. */
export type DetectorState = { readonly [name: string]: DetectorValue }

/**
 * A pure fold over a run's observations that looks for one fault. It raises a finding when the fault begins and falls
 * silent until the fault is over. A value that an observation lacks, or that is not finite, says nothing.
 */
export interface Detector<State extends DetectorState = DetectorState> {
  /** Unique: lower-case words joined by hyphens. */
  readonly code: string
  /** The splits whose observations it looks at. */
  readonly splits: readonly string[]
  readonly initial: State
  /** The state after an observation, the same object where nothing changed, and what was found, if anything. */
  observe(state: State, observation: Observation): { readonly state: State; readonly finding?: Finding }
}
