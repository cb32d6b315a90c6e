import { diagnose } from '../../src/diagnostics/diagnose.ts'
import type { Diagnosis } from '../../src/diagnostics/diagnosis.ts'
import type { Observation } from '../../src/metrics/observation.ts'
import { Random } from '../../src/random/random.ts'
import { detectorOf } from './detection.ts'

export type Values = Readonly<Record<string, number>>

/** The observations of steps 1 to `count`, `noise` being between -1 and 1 and the same for every test. */
export function steps(count: number, values: (step: number, noise: number) => Values): Observation[] {
  const random = new Random(7, 'bench')
  return Array.from({ length: count }, (_, index) => ({
    split: 'train',
    step: index + 1,
    values: values(index + 1, random.uniform(-1, 1)),
  }))
}

/** Observations of another split at steps 100, 200, … */
export function every100(split: string, values: readonly Values[]): Observation[] {
  return values.map((each, index) => ({ split, step: 100 * (index + 1), values: each }))
}

/** Observations in the order of their steps. */
export function inOrder(...parts: readonly (readonly Observation[])[]): Observation[] {
  return parts.flat().sort((one, other) => one.step - other.step)
}

/** What one detector says. */
export function foundBy(code: string, observations: readonly Observation[]): Diagnosis[] {
  return diagnose(observations, [detectorOf(code)])
}

/** The steps at which one detector says something. */
export function stepsFoundBy(code: string, observations: readonly Observation[]): number[] {
  return foundBy(code, observations).map(({ step }) => step)
}
