/** What one array of a model, or of its gradient, is like. Numbers are rounded to six significant digits. */
export interface LayerStatistics {
  readonly layer: string
  readonly size: number
  /** L2 norm of all values; not finite where one of them is not. */
  readonly norm: number
  readonly mean: number
  readonly standardDeviation: number
  readonly minimum: number
  readonly maximum: number
  /** The share of values that are exactly 0. */
  readonly zeros: number
  readonly nonFinite: number
  /** Counts of the finite values in bins of equal width from the minimum to the maximum. */
  readonly histogram: number[]
}

/** How many bins a histogram has. */
export const histogramBins = 32

/**
 * Describes an array of numbers, in double precision and two passes. All but size, norm and zeros are of the finite
 * values, and NaN where there is none.
 *
 * @example
 * layerStatistics('bias', Float32Array.of(-1, 0, 1)).norm // 1.41421
 */
export function layerStatistics(layer: string, values: Float32Array): LayerStatistics {
  const size = values.length
  let [finite, zeros, sum, squares] = [0, 0, 0, 0]
  let [minimum, maximum] = [Infinity, -Infinity]
  // Counted loops: an iterator costs ten times as much, and there may be millions of values.
  for (let index = 0; index < size; index++) {
    const value = values[index] as number
    squares += value * value
    if (!Number.isFinite(value)) continue
    finite += 1
    sum += value
    if (value === 0) zeros += 1
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
  }
  const mean = sum / finite
  const counts = new Uint32Array(histogramBins)
  const last = histogramBins - 1
  const scale = maximum > minimum ? histogramBins / (maximum - minimum) : 0
  let deviations = 0
  for (let index = 0; index < size; index++) {
    const value = values[index] as number
    if (!Number.isFinite(value)) continue
    deviations += (value - mean) * (value - mean)
    const bin = Math.floor((value - minimum) * scale)
    const place = bin < last ? bin : last
    counts[place] = (counts[place] as number) + 1
  }
  return {
    layer,
    size,
    norm: rounded(Math.sqrt(squares)),
    mean: rounded(mean),
    standardDeviation: rounded(Math.sqrt(deviations / finite)),
    minimum: rounded(finite > 0 ? minimum : Number.NaN),
    maximum: rounded(finite > 0 ? maximum : Number.NaN),
    zeros: rounded(zeros / size),
    nonFinite: size - finite,
    histogram: Array.from(counts),
  }
}

/** Enough to draw and to judge by, in a third of the digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
