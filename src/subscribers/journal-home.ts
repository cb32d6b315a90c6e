import type Database from 'better-sqlite3'
import { Journal } from '../journal/journal.ts'
import { GrowingPoints, type Points } from '../metrics/growing-points.ts'
import { MemoryHome } from '../metrics/memory-home.ts'
import { MetricError } from '../metrics/metric-error.ts'
import type { Mark, MetricsHome, SeriesKey, SeriesPoints, SeriesSummary } from '../metrics/metrics-home.ts'
import type { Observation } from '../metrics/observation.ts'
import { SplitSummary } from '../metrics/split-summary.ts'
import { readValues } from '../metrics/stored-values.ts'
import { metricsSubscriber, type PointRow, type SummaryRow } from './metrics.ts'

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
    return this.#read([], database => {
      const rows = database
        .prepare<[string], SummaryRow>('SELECT * FROM metrics_summaries WHERE stream = ? ORDER BY first_version')
        .all(this.#stream)
      return rows.flatMap(row =>
        [...SplitSummary.restore(row).series].map(([metric, summary]) => ({ split: row.split, metric, summary })),
      )
    })
  }

  points({ split, metric }: SeriesKey): Points {
    const points = new GrowingPoints()
    for (const observation of this.observations()) {
      const value = observation.split === split ? observation.values[metric] : undefined
      if (value !== undefined) points.push(observation.step, value)
    }
    return points.toPoints()
  }

  allPoints(): readonly SeriesPoints[] {
    const memory = new MemoryHome()
    for (const observation of this.observations()) memory.add(observation)
    return memory.allPoints()
  }

  *observations(): Generator<Observation> {
    // Page by page, so that the journal can be written to in between.
    for (let after = 0; ; ) {
      const page = this.#page(after)
      for (const { version, split, step, values } of page) {
        yield { split, step, values: readValues(values) }
        after = version
      }
      if (page.length < pageSize) return
    }
  }

  marks(): readonly Mark[] {
    return this.#read([], database =>
      database
        .prepare<[string], Mark>('SELECT kind, step, number FROM metrics_marks WHERE stream = ? ORDER BY step, kind')
        .all(this.#stream),
    )
  }

  #page(after: number): readonly PointRow[] {
    return this.#read([], database =>
      database
        .prepare<[string, number], PointRow>(
          `SELECT version, step, split, "values" FROM metrics_points
           WHERE stream = ? AND version > ? ORDER BY version LIMIT ${pageSize}`,
        )
        .all(this.#stream, after),
    )
  }

  /** What `work` reads, or `none` where the subscriber has not made its tables yet. */
  #read<Result>(none: Result, work: (database: Database.Database) => Result): Result {
    const read = (database: Database.Database) => (hasTables(database) ? work(database) : none)
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

const pageSize = 4096

const tables = Object.keys(metricsSubscriber.tables ?? {})

function hasTables(database: Database.Database): boolean {
  const marks = tables.map(() => '?').join(', ')
  const found = database
    .prepare(`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN (${marks})`)
    .pluck()
    .get(...tables)
  return found === tables.length
}
