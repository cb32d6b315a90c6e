import type { Detector } from '../../src/diagnostics/detector.ts'
import { detectors } from '../../src/diagnostics/detectors.ts'
import { diagnose } from '../../src/diagnostics/diagnose.ts'
import type { Diagnosis } from '../../src/diagnostics/diagnosis.ts'
import type { Observation } from '../../src/metrics/observation.ts'
import { befallenShape, faults, withFault } from './faulty-runs.ts'
import { type HealthyShape, healthyRun, healthyShapes } from './healthy-runs.ts'

/** What the detectors said of one healthy training. */
export interface HealthyResult {
  readonly shape: HealthyShape
  readonly seed: number
  readonly diagnoses: readonly Diagnosis[]
}

/** Shows the detectors healthy trainings, `perShape` of every shape. */
export function diagnoseHealthyRuns(perShape: number): HealthyResult[] {
  const seeds = Array.from({ length: perShape }, (_, seed) => seed)
  return healthyShapes.flatMap(shape =>
    seeds.map(seed => ({ shape, seed, diagnoses: diagnose(healthyRun(shape, seed)) })),
  )
}

/** A diagnosis that asks for something to be done; a notice does not. */
export function isAlarm({ severity }: Diagnosis): boolean {
  return severity !== 'notice'
}

/** Shows each detector trainings with its fault, `seeds` of them. @returns how many it found, by code */
export function countDetected(seeds: number): Map<string, number> {
  const found = new Map(Object.keys(faults).map(code => [code, 0]))
  for (let seed = 0; seed < seeds; seed++) {
    const healthy = new Map<HealthyShape, Observation[]>()
    for (const code of found.keys()) {
      const shape = befallenShape(code, seed)
      const run = healthy.get(shape) ?? healthyRun(shape, seed)
      healthy.set(shape, run)
      const diagnoses = diagnose(withFault(code, seed, run), [detectorOf(code)])
      if (diagnoses.length > 0) found.set(code, (found.get(code) ?? 0) + 1)
    }
  }
  return found
}

export function detectorOf(code: string): Detector {
  const detector = detectors.find(each => each.code === code)
  if (detector === undefined) throw new Error(`There is no detector of "${code}".`)
  return detector
}
