import type { TrainingData, TrainingEvent } from '../../events/training-events.ts'
import { readAttempts, timelineOf } from '../../history/attempts.ts'
import { readCourse } from '../../history/course.ts'
import { firstFrom, lastOf, stepTypes } from '../../history/find-step.ts'
import { lastStepAt } from '../../history/last-step.ts'
import { projectedAt } from '../../history/projected-at.ts'
import type { Journal } from '../../journal/journal.ts'
import {
  type LayerKind,
  type LayerNorm,
  type LayerObservation,
  layerNorms,
  layerPage,
  layersUntil,
} from '../../subscribers/layer-rows.ts'
import { layersSubscriber } from '../../subscribers/layers.ts'

/** The steps that are asked about, from the first to the last. */
export interface StepRange {
  readonly from: number
  readonly to: number
}

/**
 * What was observed of a run's layers in the course that it had after a version: from the rows that the subscriber `layers`
 * keeps, which are found without going over the steps, and from the log what these lack.
 */
export class ObservedLayers {
  /** The last step that was done by then. */
  readonly lastStep: number
  readonly #journal: Journal
  readonly #stream: string
  readonly #until: number
  /** The rows hold everything up to this step; the log goes on after this version. */
  readonly #rows: { readonly step: number; readonly version: number }

  constructor(journal: Journal, stream: string, until: number) {
    this.#journal = journal
    this.#stream = stream
    this.#until = until
    this.lastStep = lastStepAt(journal, stream, until, attemptsUntil(journal, stream, until))
    this.#rows = this.#rowsEnd()
  }

  /** The kinds of which anything was observed by the moment. */
  kinds(): LayerKind[] {
    return kinds.filter(kind => this.#names(kind).length > 0 || !this.#tail(kind).next().done)
  }

  /** How large every layer was, one after the other, in stretches of so many steps, some of which come in parts. */
  *norms(kind: LayerKind, { from, to }: StepRange, width: number): Generator<LayerNorm, void, undefined> {
    const range = { stream: this.#stream, kind, from, to: Math.min(to, this.#rows.step) }
    for (const name of this.#names(kind)) {
      yield* this.#journal.query(database => layerNorms(database, range, name, width))
    }
    for (const { step, layers } of this.#tail(kind)) {
      if (step < from || step > to) continue
      for (const { layer, size, norm, nonFinite } of layers) {
        yield { layer, size, first: step, last: step, norm: Number.isFinite(norm) ? norm : null, nonFinite }
      }
    }
  }

  /** Every observation of one layer, in the order of the steps. */
  *of(layer: string, kind: LayerKind, { from, to }: StepRange): Generator<LayerObservation, void, undefined> {
    yield* this.#readRows(kind, { from, to: Math.min(to, this.#rows.step) }, layer)
    for (const { step, layers } of this.#tail(kind)) {
      if (step < from || step > to) continue
      const found = layers.find(statistics => statistics.layer === layer)
      if (found !== undefined) yield { ...found, step, histogram: () => found.histogram }
    }
  }

  /** The layers that have rows. */
  #names(kind: LayerKind): string[] {
    const { step } = this.#rows
    if (step < 0) return []
    return this.#journal.query(database => layersUntil(database, { stream: this.#stream, kind, to: step }))
  }

  /** What the rows lack. */
  *#tail(kind: LayerKind): Generator<TrainingData<'gradients.observed'>, void, undefined> {
    const range = { after: this.#rows.version, until: this.#until, types: [`${kind}.observed`] }
    for (const event of readCourse(this.#journal, this.#stream, range)) {
      yield (event as TrainingEvent<`${LayerKind}.observed`>).data
    }
  }

  *#readRows(kind: LayerKind, { from, to }: StepRange, layer: string): Generator<LayerObservation, void, undefined> {
    const stream = this.#stream
    for (let next = from; next <= to; ) {
      const page = this.#journal.query(database => layerPage(database, { stream, kind, from: next, to }, layer))
      yield* page
      const last = page.at(-1)
      if (last === undefined) return
      next = last.step + 1
    }
  }

  /** Up to where the rows are this course, whole steps at a time. */
  #rowsEnd(): { readonly step: number; readonly version: number } {
    const [journal, stream] = [this.#journal, this.#stream]
    const bounds = projectedAt(journal, stream, this.#until, layersSubscriber)
    const parts = timelineOf(attemptsUntil(journal, stream, this.#until))
    if (bounds === undefined) return { step: -1, version: 0 }
    const reached = lastStepAt(journal, stream, bounds.version, attemptsUntil(journal, stream, bounds.version))
    const step = Math.min(bounds.step, reached)
    const part = parts.findLast(each => each.step <= step)
    if (part === undefined) return { step: -1, version: 0 }
    const lastVersion = Math.min(part.lastVersion, this.#until)
    const next = firstFrom(journal, stream, { ...part, lastVersion }, step + 1, stepTypes)
    const own = { version: part.version, lastVersion: next === undefined ? lastVersion : next.version - 1 }
    return { step, version: lastOf(journal, stream, own, stepTypes)?.version ?? part.version }
  }
}

const kinds = ['gradients', 'parameters'] as const satisfies readonly LayerKind[]

function attemptsUntil(journal: Journal, stream: string, until: number) {
  return readAttempts(journal, stream).filter(({ version }) => version <= until)
}
