import type { Observation } from '../metrics/observation.ts'
import type { Detector, DetectorState } from './detector.ts'
import { detectors as everyDetector } from './detectors.ts'
import type { Diagnosis } from './diagnosis.ts'

/** What the detectors remember, by their codes. */
export type DetectorStates = Readonly<Record<string, DetectorState>>

/**
 * Shows one observation to those of the detectors that look at its split.
 *
 * @param states what they remember; one that remembers nothing yet begins
 * @returns what they remember now, the same object where nothing changed, and what they found
 */
export function observe(
  detectors: readonly Detector[],
  states: DetectorStates,
  observation: Observation,
): { readonly states: DetectorStates; readonly diagnoses: readonly Diagnosis[] } {
  let next: Record<string, DetectorState> | undefined
  const diagnoses: Diagnosis[] = []
  for (const detector of detectors) {
    if (!detector.splits.includes(observation.split)) continue
    const { code, initial } = detector
    const before = states[code] ?? initial
    const { state, finding } = detector.observe(before, observation)
    if (state !== before) {
      next ??= { ...states }
      next[code] = state
    }
    if (finding !== undefined) diagnoses.push({ code, step: observation.step, ...finding })
  }
  return { states: next ?? states, diagnoses }
}

/**
 * Looks for faults in a training, by what was observed of it in order.
 *
 * @example
 * const diagnoses = diagnose([{ split: 'train', step: 1, values: { loss: Number.NaN } }])
 * console.log(diagnoses[0]?.code) // → non-finite
 */
export function diagnose(
  observations: Iterable<Observation>,
  detectors: readonly Detector[] = everyDetector,
): Diagnosis[] {
  const found: Diagnosis[] = []
  let states: DetectorStates = {}
  for (const observation of observations) {
    const { states: next, diagnoses } = observe(detectors, states, observation)
    states = next
    found.push(...diagnoses)
  }
  return found
}
