import type { TrainingEvent } from '../../events/training-events.ts'
import { readAttempts, timelineOf } from '../../history/attempts.ts'
import { readCourse } from '../../history/course.ts'
import { firstFrom, lastOf, stepTypes } from '../../history/find-step.ts'
import { lastStepAt } from '../../history/last-step.ts'
import { projectedAt } from '../../history/projected-at.ts'
import type { Journal } from '../../journal/journal.ts'
import { type LayerKind, type LayerObservation, layerPage, layersUntil } from '../../subscribers/layer-rows.ts'
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

  /**
   * Every observation of one layer, or of all, one after the other; of each layer in the order of the steps.
   *
   * @param seen is told of whatever kind was observed by the moment, whichever steps are asked about
   */
  *read(
    kind: LayerKind,
    { from, to }: StepRange,
    { layer, seen = () => {} }: { layer?: string; seen?: (kind: LayerKind) => void },
  ): Generator<LayerObservation, void, undefined> {
    const [journal, stream, rows] = [this.#journal, this.#stream, this.#rows]
    for (const each of rows.step < 0 ? [] : kinds) {
      const names = journal.query(database => layersUntil(database, { stream, kind: each, to: rows.step }))
      if (names.length > 0) seen(each)
      if (each !== kind) continue
      for (const name of layer === undefined ? names : [layer]) {
        yield* this.#readRows(kind, { from, to: Math.min(to, rows.step) }, name)
      }
    }
    const types = kinds.map(each => `${each}.observed` as const)
    for (const event of readCourse(journal, stream, { after: rows.version, until: this.#until, types })) {
      const { type, data } = event as TrainingEvent<(typeof types)[number]>
      seen(type === 'gradients.observed' ? 'gradients' : 'parameters')
      if (type !== `${kind}.observed` || data.step < from || data.step > to) continue
      for (const { histogram, ...statistics } of data.layers) {
        if (layer === undefined || layer === statistics.layer) {
          yield { ...statistics, step: data.step, histogram: () => histogram }
        }
      }
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
