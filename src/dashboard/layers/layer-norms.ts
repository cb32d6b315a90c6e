import type { LayerNorm } from '../../subscribers/layer-rows.ts'
import type { LayersAnswer } from '../answers/layers.ts'

interface Layer {
  readonly size: number
  /** By the column's place. */
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

  /** Takes what was observed in steps of one column. */
  take({ layer, first, last, size, norm, nonFinite }: LayerNorm): void {
    const place = Math.floor(first / this.#width)
    const column = this.#columns.get(place)
    this.#columns.set(place, { first: column?.first ?? first, last: Math.max(last, column?.last ?? 0) })
    const known = this.#layers.get(layer) ?? { size, norms: new Map(), nonFinite: new Map() }
    this.#layers.set(layer, known)
    if (norm !== null) known.norms.set(place, Math.max(norm, known.norms.get(place) ?? 0))
    if (nonFinite > 0) known.nonFinite.set(place, nonFinite + (known.nonFinite.get(place) ?? 0))
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
