import type { LayerObservation } from '../../subscribers/layer-rows.ts'
import type { LayerColumn, ValueScale } from '../answers/layers.ts'
import { rebin, rounded } from './rebin.ts'
import { edgesOf, valueScale } from './value-scale.ts'

/** Bins of the values that all columns share, and of a column's own. */
export const [sharedBins, ownBins] = [96, 32]

/** What is known of the observations in so many steps, before their histograms are read. */
interface Gathered {
  readonly first: number
  last: number
  observations: number
  values: number
  lowestNorm: number
  highestNorm: number
  sum: number
  zeros: number
  nonFinite: number
  minimum: number
  maximum: number
}

/**
 * The observations of one layer in columns, each of so many steps. It is shown all observations twice: first what they are
 * like, which says how wide the bins are, then their histograms. So it holds its columns, and no observation.
 */
export class LayerColumns {
  readonly #width: number
  readonly #gathered = new Map<number, Gathered>()

  /** @param width how many steps a column has */
  constructor(width: number) {
    this.#width = width
  }

  gather({ step, size, norm, mean, zeros, nonFinite, minimum, maximum }: LayerObservation): void {
    const column = this.#columnOf(step)
    const finite = size - nonFinite
    column.last = step
    column.observations += 1
    column.values += size
    column.nonFinite += nonFinite
    column.zeros += zeros * size
    if (Number.isFinite(norm)) {
      column.lowestNorm = Math.min(column.lowestNorm, norm)
      column.highestNorm = Math.max(column.highestNorm, norm)
    }
    if (finite === 0) return
    column.sum += mean * finite
    column.minimum = Math.min(column.minimum, minimum)
    column.maximum = Math.max(column.maximum, maximum)
  }

  scale(): ValueScale {
    return valueScale([...this.#gathered.values()].filter(hasValues))
  }

  /** The columns, with the histograms of the observations that were gathered. */
  *filled(
    observations: Iterable<LayerObservation>,
    scale: ValueScale,
  ): Generator<void, readonly LayerColumn[], undefined> {
    const edges = edgesOf(scale, sharedBins)
    const filled = new Map(
      Array.from(this.#gathered, ([place, column]) => {
        const { minimum, maximum } = column
        const own = edgesOf({ kind: 'linear', threshold: 1, from: minimum, to: maximum }, ownBins)
        return [place, { column, own, counts: new Float64Array(sharedBins), histogram: new Float64Array(ownBins) }]
      }),
    )
    for (const { step, histogram, ...extent } of observations) {
      const place = filled.get(this.#placeOf(step))
      if (place === undefined || extent.size === extent.nonFinite) continue
      const counts = histogram()
      rebin(counts, extent, edges, place.counts)
      rebin(counts, extent, place.own, place.histogram)
      yield
    }
    return Array.from(filled.values(), ({ column, counts, histogram }) => columnAnswer(column, counts, histogram))
  }

  #placeOf(step: number): number {
    return Math.floor(step / this.#width)
  }

  #columnOf(step: number): Gathered {
    const place = this.#placeOf(step)
    const known = this.#gathered.get(place)
    if (known !== undefined) return known
    const column: Gathered = {
      ...{ first: step, last: step, observations: 0, values: 0, sum: 0, zeros: 0, nonFinite: 0 },
      ...{ lowestNorm: Number.POSITIVE_INFINITY, highestNorm: Number.NEGATIVE_INFINITY },
      ...{ minimum: Number.POSITIVE_INFINITY, maximum: Number.NEGATIVE_INFINITY },
    }
    this.#gathered.set(place, column)
    return column
  }
}

function hasValues({ values, nonFinite }: Gathered): boolean {
  return values > nonFinite
}

function columnAnswer(column: Gathered, counts: Float64Array, histogram: Float64Array): LayerColumn {
  const { first, last, observations, values, nonFinite, zeros, sum, lowestNorm, highestNorm } = column
  const [minimum, maximum] = [column.minimum, column.maximum]
  return {
    ...{ first, last, observations, nonFinite },
    norm: lowestNorm <= highestNorm ? { lowest: lowestNorm, highest: highestNorm } : null,
    zeros: zeros / values,
    finite: hasValues(column)
      ? { mean: sum / (values - nonFinite), minimum, maximum, counts: rounded(counts), histogram: rounded(histogram) }
      : null,
  }
}
