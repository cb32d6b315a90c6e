import type { Observation } from '../metrics/observation.ts'

/** A value of an observation, or undefined where it was not measured or is not finite. */
export function finiteValue({ values }: Observation, name: string): number | undefined {
  const value = values[name]
  return value !== undefined && Number.isFinite(value) ? value : undefined
}
