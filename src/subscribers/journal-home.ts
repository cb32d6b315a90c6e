import { Journal } from '../journal/journal.ts'
import type { Prepare } from '../journal/prepared-once.ts'
import { GrowingPoints, type Points } from '../metrics/growing-points.ts'
import { MetricError } from '../metrics/metric-error.ts'
import type { Mark, MetricsHome, SeriesKey, SeriesPoints, SeriesSummary } from '../metrics/metrics-home.ts'
import type { Observation } from '../metrics/observation.ts'
import type { PointBlock } from '../metrics/point-block.ts'
import type { SplitSummary } from '../metrics/split-summary.ts'
import { type Bounds, nextBlock, type SplitStanding, splitsOf, standingOf } from './metric-blocks.ts'
import { metricsSubscriber } from './metrics.ts'

/**
 * The metrics of a run as the metrics subscriber has taken them from the log, for a collector to read. Nothing can be
 * added beside the log. It reads on when its journal has been closed.
 */
export class JournalHome implements MetricsHome {
  readonly #journal: Journal
  readonly #stream: string

  constructor(journal: Journal, stream: string) {
    this.#journal = journal
    this.#stream = stream
  }

  /** @throws MetricError always */
  add(): never {
    this.#refuse('be added to')
  }

  /** @throws MetricError always */
  addMark(): never {
    this.#refuse('be marked')
  }

  /** @throws MetricError always */
  clear(): never {
    this.#refuse('be cleared')
  }

  summaries(): readonly SeriesSummary[] {
    return [...this.standings()].flatMap(([split, { summary }]) => seriesOf(split, summary))
  }

  /** What each split had come to within bounds, in the order in which they were first measured. */
  standings(
    bounds: Bounds = { version: Number.MAX_SAFE_INTEGER, step: Number.MAX_SAFE_INTEGER },
  ): Map<string, SplitStanding> {
    return this.#read(new Map(), prepare => {
      const standings = splitsOf(prepare, this.#stream).map(
        split => [split, standingOf(prepare, this.#stream, split, bounds)] as const,
      )
      return new Map(standings.flatMap(([split, standing]) => (standing === undefined ? [] : [[split, standing]])))
    })
  }

  points({ split, metric }: SeriesKey): Points {
    const points = new GrowingPoints()
    for (const block of this.blocks(split)) {
      const column = block.metrics.indexOf(metric)
      if (column >= 0) pushAll(points, block, column)
    }
    return points.toPoints()
  }

  allPoints(): readonly SeriesPoints[] {
    return this.splits().flatMap(split => {
      const series = new Map<string, GrowingPoints>()
      for (const block of this.blocks(split)) {
        for (const [column, metric] of block.metrics.entries()) {
          const points = series.get(metric) ?? new GrowingPoints()
          series.set(metric, points)
          pushAll(points, block, column)
        }
      }
      return Array.from(series, ([metric, points]) => ({ split, metric, ...points.toPoints() }))
    })
  }

  *observations(): Generator<Observation> {
    const cursors = this.splits().map(split => new SplitCursor(split, this.blocks(split)))
    for (;;) {
      let next: SplitCursor | undefined
      for (const cursor of cursors) {
        if (cursor.version < (next?.version ?? Number.POSITIVE_INFINITY)) next = cursor
      }
      if (next === undefined) return
      yield next.take()
    }
  }

  marks(): readonly Mark[] {
    return this.#read(
      [],
      prepare =>
        prepare('SELECT kind, step, number FROM metrics_marks WHERE stream = ? ORDER BY step, kind').all(
          this.#stream,
        ) as Mark[],
    )
  }

  /** In the order in which they were first measured. */
  splits(): string[] {
    return this.#read([], prepare => splitsOf(prepare, this.#stream))
  }

  /**
   * What was measured of a split, block after block, so that the journal can be written to, or closed, in between.
   *
   * @param fromStep blocks that end before this step are left out
   */
  *blocks(split: string, fromStep = 0): Generator<PointBlock, void, undefined> {
    for (let after = 0; ; ) {
      const block = this.#read(undefined, prepare => nextBlock(prepare, this.#stream, split, after, fromStep))
      if (block === undefined) return
      yield block
      after = block.versionAt(0)
    }
  }

  /** What `work` reads, or `none` where the subscriber has not made its tables yet. */
  #read<Result>(none: Result, work: (prepare: Prepare) => Result): Result {
    const read = (_: unknown, prepare: Prepare) => (hasTables(prepare) ? work(prepare) : none)
    if (this.#journal.isOpen) return this.#journal.query(read)
    const journal = Journal.open(this.#journal.path, { readOnly: true })
    try {
      return journal.query(read)
    } finally {
      journal.close()
    }
  }

  #refuse(what: string): never {
    throw new MetricError(
      `The metrics of ${this.#stream} are those of its log and cannot ${what}; measure more in the training loop or the evaluation, or use a MetricsCollector of your own.`,
    )
  }
}

const tables = Object.keys(metricsSubscriber.tables ?? {})

const countTables = `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN (${tables.map(() => '?').join(', ')})`

function hasTables(prepare: Prepare): boolean {
  const found = prepare(countTables)
    .pluck()
    .get(...tables)
  return found === tables.length
}

/** Walks over what was measured of one split. */
class SplitCursor {
  /** The version of the next event; infinite at the end. */
  version = Number.POSITIVE_INFINITY
  readonly #split: string
  readonly #blocks: Iterator<PointBlock>
  #block: PointBlock | undefined
  #row = 0

  constructor(split: string, blocks: Iterator<PointBlock>) {
    this.#split = split
    this.#blocks = blocks
    this.#advance()
  }

  take(): Observation {
    if (this.#block === undefined) throw new RangeError('There is nothing after the last observation.')
    const observation = this.#block.observationAt(this.#row, this.#split)
    this.#row++
    this.#advance()
    return observation
  }

  #advance(): void {
    if (this.#block === undefined || this.#row === this.#block.length) {
      const next = this.#blocks.next()
      this.#block = next.done === true ? undefined : next.value
      this.#row = 0
    }
    this.version = this.#block?.versionAt(this.#row) ?? Number.POSITIVE_INFINITY
  }
}

/** The series of a split with what they come to, in the order of their first points. */
export function seriesOf(split: string, { series }: SplitSummary): SeriesSummary[] {
  return Array.from(series, ([metric, summary]) => ({ split, metric, summary }))
}

function pushAll(points: GrowingPoints, block: PointBlock, column: number): void {
  for (let row = 0; row < block.length; row++) points.push(block.stepAt(row), block.valueAt(row, column))
}
