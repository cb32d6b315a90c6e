import type { LayerObservation } from '../../subscribers/layer-rows.ts'
import type { LayersAnswer } from '../answers.ts'

interface Layer {
  readonly size: number
  /** The highest norm and how many values were not finite, by the column's place. */
  readonly norms: Map<number, number>
  readonly nonFinite: Map<number, number>
}

/** How large every layer was, in columns of so many steps each. */
export class LayerNorms {
  readonly #width: number
  readonly #columns = new Map<number, { first: number; last: number }>()
  readonly #layers = new Map<string, Layer>()

  /** @param width how many steps a column has */
  constructor(width: number) {
    this.#width = width
  }

  take({ layer, step, size, norm, nonFinite }: LayerObservation): void {
    const place = Math.floor(step / this.#width)
    const column = this.#columns.get(place)
    if (column === undefined) this.#columns.set(place, { first: step, last: step })
    else if (step > column.last) column.last = step
    const known = this.#layers.get(layer) ?? { size, norms: new Map(), nonFinite: new Map() }
    this.#layers.set(layer, known)
    if (Number.isFinite(norm)) known.norms.set(place, Math.max(known.norms.get(place) ?? 0, norm))
    if (nonFinite > 0) known.nonFinite.set(place, (known.nonFinite.get(place) ?? 0) + nonFinite)
  }

  answer(): Pick<LayersAnswer, 'columns' | 'layers'> {
    const places = [...this.#columns.keys()].sort((one, other) => one - other)
    return {
      columns: places.flatMap(place => this.#columns.get(place) ?? []),
      layers: Array.from(this.#layers, ([layer, { size, norms, nonFinite }]) => ({
        ...{ layer, size },
        norms: places.map(place => norms.get(place) ?? null),
        nonFinite: places.map(place => nonFinite.get(place) ?? 0),
      })),
    }
  }
}
