import type { LayerKind } from '../../subscribers/layer-rows.ts'

/** Which observations an answer tells of. */
export interface ObservedSteps {
  readonly kind: LayerKind
  readonly version: number
  readonly from: number
  readonly to: number
  /** The last step of the run's course after that version. */
  readonly lastStep: number
}

/**
 * `GET /api/runs/:run/layers?kind=&until=VERSION&from=STEP&to=STEP&columns=N`: how large every layer was over the steps, of
 * its gradients or its parameters. Where there are more observations than columns, those of neighbouring steps share one.
 */
export interface LayersAnswer extends ObservedSteps {
  /** What was observed by the moment, of whichever steps. */
  readonly kinds: readonly LayerKind[]
  /** The first and the last step that was observed of each column. */
  readonly columns: readonly { readonly first: number; readonly last: number }[]
  /** In the order in which the model has them. */
  readonly layers: readonly {
    readonly layer: string
    readonly size: number
    /** Of each column the highest norm; null where none was observed, or none was finite. */
    readonly norms: readonly (number | null)[]
    /** Of each column how many values were not finite. */
    readonly nonFinite: readonly number[]
  }[]
}

/** Where a value stands on an axis. */
export interface ValueScale {
  /** Symmetric logarithmic is the inverse hyperbolic sine of the value in units of the threshold. */
  readonly kind: 'linear' | 'symmetric-logarithmic'
  readonly threshold: number
  readonly from: number
  readonly to: number
}

/** What was observed of a layer in a step, or in some neighbouring ones. */
export interface LayerColumn {
  /** The first and the last step that was observed. */
  readonly first: number
  readonly last: number
  readonly observations: number
  /** Null where none was finite. */
  readonly norm: { readonly lowest: number; readonly highest: number } | null
  /** The share of values that are exactly 0. */
  readonly zeros: number
  readonly nonFinite: number
  /** Of the finite values; null where there were none. */
  readonly finite: {
    readonly mean: number
    readonly minimum: number
    readonly maximum: number
    /** Counts in bins that all columns share, equally wide on the scale; an observed bin that lies in several of them is parted. */
    readonly counts: readonly number[]
    /** Counts in bins of equal width from the minimum to the maximum. */
    readonly histogram: readonly number[]
  } | null
}

/** `GET /api/runs/:run/layers/histograms?layer=NAME`, further as `layers`: how one layer's values were distributed. */
export interface LayerHistogramsAnswer extends ObservedSteps {
  readonly layer: string
  /** How many values it has. */
  readonly size: number
  readonly scale: ValueScale
  readonly columns: readonly LayerColumn[]
}
