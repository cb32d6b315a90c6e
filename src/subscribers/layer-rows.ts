import type Database from 'better-sqlite3'
import type { TrainingData } from '../events/training-events.ts'

/** What is observed of a model's layers. */
export type LayerKind = 'gradients' | 'parameters'

/** One layer as it was observed in a step; what is no number is NaN. */
export interface LayerObservation
  extends Omit<TrainingData<'gradients.observed'>['layers'][number], 'histogram' | 'standardDeviation'> {
  readonly step: number
  /** Counts in bins of equal width from the minimum to the maximum. */
  readonly histogram: () => readonly number[]
}

/** Which rows of the table `layers` are meant. */
export interface LayerRange {
  readonly stream: string
  readonly kind: LayerKind
  /** The first and the last step. */
  readonly from: number
  readonly to: number
}

/** Rows that are read at once: none is held any longer than it takes. */
const pageSize = 500

/** The layers with a row up to a step, in the order in which the model has them. */
export function layersUntil(database: Database.Database, { stream, kind, to }: Omit<LayerRange, 'from'>): string[] {
  // Walks from layer to layer on the index; rows lie in the order in which the layers were told.
  const select = database.prepare<[object], string>(
    `WITH RECURSIVE names(layer) AS (
       SELECT min(layer) FROM layers WHERE stream = @stream AND kind = @kind
       UNION ALL
       SELECT (SELECT min(layer) FROM layers WHERE stream = @stream AND kind = @kind AND layer > names.layer)
       FROM names WHERE names.layer IS NOT NULL
     ), placed(layer, place) AS (
       SELECT layer, (
         SELECT rowid FROM layers WHERE stream = @stream AND kind = @kind AND layer = names.layer AND step <= @to
         ORDER BY step DESC LIMIT 1
       ) FROM names WHERE layer IS NOT NULL
     )
     SELECT layer FROM placed WHERE place IS NOT NULL ORDER BY place`,
  )
  return select.pluck().all({ stream, kind, to })
}

interface LayerRow extends Omit<LayerObservation, 'histogram' | 'layer' | Measured> {
  readonly histogram: string
}

type Measured = 'norm' | 'mean' | 'minimum' | 'maximum' | 'zeros'

/** The next rows of one layer, in the order of the steps; none at the end. */
export function layerPage(
  database: Database.Database,
  { stream, kind, from, to }: LayerRange,
  layer: string,
): LayerObservation[] {
  const select = database.prepare<[object], LayerRow & Record<Measured, number | null>>(
    `SELECT step, size, norm, mean, minimum, maximum, zeros, non_finite AS nonFinite, histogram FROM layers
     WHERE stream = @stream AND kind = @kind AND layer = @layer AND step BETWEEN @from AND @to ORDER BY step LIMIT @size`,
  )
  return select.all({ stream, kind, layer, from, to, size: pageSize }).map(({ histogram, ...row }) => ({
    ...row,
    layer,
    norm: row.norm ?? Number.NaN,
    mean: row.mean ?? Number.NaN,
    minimum: row.minimum ?? Number.NaN,
    maximum: row.maximum ?? Number.NaN,
    zeros: row.zeros ?? Number.NaN,
    histogram: () => JSON.parse(histogram) as number[],
  }))
}

/** How large a layer was in some neighbouring steps. */
export interface LayerNorm {
  readonly layer: string
  readonly size: number
  /** The first and the last step that was observed. */
  readonly first: number
  readonly last: number
  /** The highest finite one; null where none was. */
  readonly norm: number | null
  readonly nonFinite: number
}

/** How large one layer was, in stretches of so many steps, in the order of the steps. */
export function layerNorms(
  database: Database.Database,
  { stream, kind, from, to }: LayerRange,
  layer: string,
  width: number,
): LayerNorm[] {
  const select = database.prepare<[object], LayerNorm>(
    `SELECT layer, max(size) AS size, min(step) AS first, max(step) AS last,
       max(iif(norm < 9e999, norm, NULL)) AS norm, sum(non_finite) AS nonFinite
     FROM layers WHERE stream = @stream AND kind = @kind AND layer = @layer AND step BETWEEN @from AND @to
     GROUP BY step / CAST(@width AS INTEGER) ORDER BY first`,
  )
  return select.all({ stream, kind, layer, from, to, width })
}
