import type { Colours } from '../charts/use-colours.ts'
import { colourRamp } from './colour-ramp.ts'

/** So many decades above a layer's median, and below it, the colours end. */
export const normDecades = 2

const steps = 33

/** Colours of norms, by how they compare with the median of their layer: one hue below it, another above. */
export function normColours({ series, surface }: Colours): readonly string[] {
  return colourRamp([series[0] ?? '', surface, series[1] ?? ''], 2 * steps + 1)
}

/** The places of a layer's norms among the colours; null where there is no norm. A norm of zero is as low as can be. */
export function normPlaces(norms: readonly (number | null)[]): (number | null)[] {
  const sorted = norms.filter(norm => norm !== null && norm > 0).sort((one, other) => Number(one) - Number(other))
  const median = sorted[sorted.length >> 1] ?? 1
  return norms.map(norm => {
    if (norm === null) return null
    const share = Math.min(1, Math.max(-1, Math.log10(norm / median) / normDecades))
    return Math.round((share + 1) * steps)
  })
}
