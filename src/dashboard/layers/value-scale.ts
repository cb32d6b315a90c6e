import type { ValueScale } from '../answers/layers.ts'

/** From this ratio of the widest to narrow columns on, narrow ones would be lines on a linear scale. */
const mostLinear = 10

/** A linear scale is widened to this share of its values where all of them are the same. */
const leastSpread = 0.05

/** So many decades between the largest value and the threshold at most: beyond them nothing can be told apart. */
const mostDecades = 6

/** The threshold is such a share of a narrow column's reach: two of the bins that it was observed in. */
const thresholdShare = 1 / 8

/** What the values of a column lie between. */
export interface Extent {
  readonly minimum: number
  readonly maximum: number
}

/**
 * A scale on which every column can be read: linear where they are about equally wide, and otherwise the inverse hyperbolic
 * sine, which is linear around zero, up to the threshold, and logarithmic on both sides beyond it. What lies closer to zero than
 * the threshold, the histograms of most columns do not tell apart.
 */
export function valueScale(extents: readonly Extent[]): ValueScale {
  const from = Math.min(...extents.map(({ minimum }) => minimum))
  const to = Math.max(...extents.map(({ maximum }) => maximum))
  if (extents.length === 0) return { kind: 'linear', threshold: 1, from: -1, to: 1 }
  const reaches = extents.map(({ minimum, maximum }) => Math.max(Math.abs(minimum), Math.abs(maximum)))
  const reaching = reaches.filter(reach => reach > 0).sort((one, other) => one - other)
  const narrow = reaching[reaching.length >> 2] ?? 1
  const largest = reaching.at(-1) ?? 1
  if (largest > mostLinear * narrow) {
    const threshold = roundedDown(Math.max(thresholdShare * narrow, largest / 10 ** mostDecades))
    return { kind: 'symmetric-logarithmic', threshold, from: Math.min(from, 0), to: Math.max(to, 0) }
  }
  const margin = from === to ? leastSpread * (Math.abs(from) || 1) : 0
  return { kind: 'linear', threshold: 1, from: from - margin, to: to + margin }
}

/** The next lower of 1, 2 and 5, times a power of ten, so that the scale seldom changes. */
function roundedDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([5, 2].find(digit => digit * power <= value) ?? 1)
}

/** Where a value stands on a scale, in a unit of its own in which the scale is even. */
export function placeOn({ kind, threshold }: Pick<ValueScale, 'kind' | 'threshold'>, value: number): number {
  return kind === 'linear' ? value : Math.asinh(value / threshold)
}

/** The bounds of `count` bins that are equally wide on the scale, one more than there are bins. */
export function edgesOf(scale: ValueScale, count: number): Float64Array {
  const { kind, threshold, from, to } = scale
  const [low, high] = [placeOn(scale, from), placeOn(scale, to)]
  const edges = Float64Array.from({ length: count + 1 }, (_, index) => {
    const place = low + ((high - low) * index) / count
    return kind === 'linear' ? place : threshold * Math.sinh(place)
  })
  // Nothing that was observed lies beyond the ends, whatever rounding makes of them.
  edges[0] = from
  edges[count] = to
  return edges
}
