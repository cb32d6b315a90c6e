import type { TrainingData, TrainingEvent } from '../../events/training-events.ts'

/** What a detector found. */
export type Diagnosis = Omit<TrainingData<'diagnosis.raised'>, 'code'>

/** Plain JSON: what a detector remembers between two events. */
export type DetectorState = Readonly<Record<string, number | boolean>>

/**
 * A pure fold over a run's events that looks for one fault. It raises a diagnosis when the fault begins and falls
 * silent until the fault is over.
 */
export interface Detector<State extends DetectorState = DetectorState> {
  readonly code: string
  readonly initial: State
  /** The state after an event, and the diagnosis that it gives rise to, if any. */
  observe(state: State, event: TrainingEvent): { readonly state: State; readonly diagnosis?: Diagnosis }
}

/** An exponential average that forgets half of the past in about `14` values, begun at the first value. */
export function smooth(average: number, value: number, seen: number): number {
  return seen === 0 ? value : average + 0.05 * (value - average)
}
