import type { Prepare } from '../journal/prepared-once.ts'
import type { Observation } from '../metrics/observation.ts'
import { PointBlock } from '../metrics/point-block.ts'
import type { RunningSummary } from '../metrics/running-summary.ts'
import { SplitSummary } from '../metrics/split-summary.ts'
import type { Held, OpenHeld } from './subscriber.ts'

/** The columns of `metrics_blocks` after the stream. */
export const blockColumns = `
  split TEXT NOT NULL, first_version INTEGER NOT NULL, last_version INTEGER NOT NULL,
  first_step INTEGER NOT NULL, last_step INTEGER NOT NULL,
  metrics TEXT NOT NULL, points BLOB NOT NULL, summarized TEXT NOT NULL, summary BLOB NOT NULL,
  PRIMARY KEY (stream, split, first_version)`

/** A row of `metrics_blocks`, without its stream: some points of a split, and what its series had come to after them. */
interface BlockRow {
  readonly split: string
  readonly first_version: number
  readonly last_version: number
  readonly first_step: number
  readonly last_step: number
  readonly metrics: string
  readonly points: Buffer
  readonly summarized: string
  readonly summary: Buffer
}

/** A moment of a run: after an event, of what was measured up to a step. */
export interface Bounds {
  readonly version: number
  readonly step: number
}

/** What the series of a split had come to at a moment. */
export interface SplitStanding {
  readonly summary: SplitSummary
  /** The version of the last event in it. */
  readonly version: number
}

const columns = 'split, first_version, last_version, first_step, last_step, metrics, points, summarized, summary'

/** The splits of a stream, in the order in which they were first measured. */
export function splitsOf(prepare: Prepare, stream: string): string[] {
  // Walks from split to split on the index, so that many blocks cost no more than few.
  const rows = prepare(
    `WITH RECURSIVE splits(split) AS (
       SELECT min(split) FROM metrics_blocks WHERE stream = @stream
       UNION ALL
       SELECT (SELECT min(split) FROM metrics_blocks WHERE stream = @stream AND split > splits.split)
       FROM splits WHERE splits.split IS NOT NULL
     )
     SELECT split FROM splits WHERE split IS NOT NULL
     ORDER BY (SELECT min(first_version) FROM metrics_blocks WHERE stream = @stream AND split = splits.split)`,
  )
  return (rows.all({ stream }) as { readonly split: string }[]).map(({ split }) => split)
}

/** The first block of a split that begins after a version, and has something of this step or a later one. */
export function nextBlock(
  prepare: Prepare,
  stream: string,
  split: string,
  after: number,
  fromStep = 0,
): PointBlock | undefined {
  const next = prepare(
    `SELECT ${columns} FROM metrics_blocks WHERE stream = ? AND split = ? AND first_version > ? AND last_step >= ?
     ORDER BY first_version LIMIT 1`,
  )
  const row = next.get(stream, split, after, fromStep) as BlockRow | undefined
  return row && pointsIn(row)
}

/** What a split had come to within bounds; undefined where nothing of it lies within. */
export function standingOf(prepare: Prepare, stream: string, split: string, bounds: Bounds): SplitStanding | undefined {
  const row = lastBlock(prepare, stream, split, bounds)
  if (row === undefined) return undefined
  if (row.last_version <= bounds.version && row.last_step <= bounds.step) {
    return { summary: summaryIn(row), version: row.last_version }
  }
  const before = lastBlock(prepare, stream, split, { ...bounds, version: row.first_version - 1 })
  const summary = before === undefined ? new SplitSummary() : summaryIn(before)
  const block = pointsIn(row)
  const rows = rowsWithin(block, bounds)
  for (let index = 0; index < rows; index++) summary.take(block.observationAt(index, split))
  return { summary, version: block.versionAt(rows - 1) }
}

/**
 * The blocks of one stream that are written to: the last one of each split, as it grows. It is stored anew with every
 * batch of events until it is full.
 */
class OpenBlocks implements Held {
  readonly #stream: string
  readonly #prepare: Prepare
  readonly #splits = new Map<string, OpenBlock>()

  constructor(stream: string, prepare: Prepare) {
    this.#stream = stream
    this.#prepare = prepare
  }

  /** Takes in what the event of that version measured. */
  take(version: number, { split, step, values }: Observation): void {
    let open = this.#splits.get(split)
    if (open === undefined) {
      open = this.#open(split)
      this.#splits.set(split, open)
    }
    const metrics = Object.keys(values)
    if (!open.block.suits(metrics)) {
      this.#store(split, open)
      open = openBlock(new PointBlock(metrics), open.summary)
      this.#splits.set(split, open)
    }
    open.block.push(version, step, values)
    for (let column = 0; column < metrics.length; column++) {
      open.series[column]?.take(step, values[metrics[column] ?? ''] ?? Number.NaN)
    }
  }

  /** Drops whatever was measured after a step, as if it had never been. */
  supersede(step: number): void {
    this.save()
    this.#splits.clear()
    const bounds = { version: Number.MAX_SAFE_INTEGER, step }
    const drop = this.#prepare('DELETE FROM metrics_blocks WHERE stream = ? AND split = ? AND first_version > ?')
    for (const split of splitsOf(this.#prepare, this.#stream)) {
      const row = lastBlock(this.#prepare, this.#stream, split, bounds)
      drop.run(this.#stream, split, row?.first_version ?? 0)
      const standing = standingOf(this.#prepare, this.#stream, split, bounds)
      if (row === undefined || standing === undefined) continue
      const block = pointsIn(row)
      block.cut(rowsWithin(block, bounds))
      this.#splits.set(split, openBlock(block, standing.summary))
    }
  }

  save(): void {
    for (const [split, open] of this.#splits) this.#store(split, open)
  }

  #open(split: string): OpenBlock {
    const row = lastBlock(this.#prepare, this.#stream, split, anywhere)
    return row === undefined
      ? openBlock(new PointBlock([]), new SplitSummary())
      : openBlock(pointsIn(row), summaryIn(row))
  }

  #store(split: string, { block, summary }: OpenBlock): void {
    const last = block.length - 1
    if (last < 0) return
    const { metrics: summarized, state } = summary.store()
    this.#prepare(
      `INSERT OR REPLACE INTO metrics_blocks (stream, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[this.#stream, split, block.versionAt(0), block.versionAt(last), block.stepAt(0), block.stepAt(last)],
      ...[JSON.stringify(block.metrics), block.store(), summarized, state],
    )
  }
}

interface OpenBlock {
  readonly block: PointBlock
  readonly summary: SplitSummary
  /** Of the block's metrics, in their order. */
  readonly series: readonly RunningSummary[]
}

function openBlock(block: PointBlock, summary: SplitSummary): OpenBlock {
  return { block, summary, series: summary.seriesOf(block.metrics) }
}

/** Opens the blocks of a stream. */
export const openBlocks: OpenHeld<OpenBlocks> = (stream, { statement }) => new OpenBlocks(stream, statement)

const anywhere: Bounds = { version: Number.MAX_SAFE_INTEGER, step: Number.MAX_SAFE_INTEGER }

/** The last block that begins within bounds. */
function lastBlock(prepare: Prepare, stream: string, split: string, { version, step }: Bounds): BlockRow | undefined {
  const last = prepare(
    `SELECT ${columns} FROM metrics_blocks WHERE stream = ? AND split = ? AND first_version <= ? AND first_step <= ?
     ORDER BY first_version DESC LIMIT 1`,
  )
  return last.get(stream, split, version, step) as BlockRow | undefined
}

/** How many rows of a block lie within bounds: the first ones, since neither versions nor steps ever fall. */
function rowsWithin(block: PointBlock, { version, step }: Bounds): number {
  let rows = block.length
  while (rows > 0 && (block.versionAt(rows - 1) > version || block.stepAt(rows - 1) > step)) rows--
  return rows
}

function pointsIn({ metrics, points }: BlockRow): PointBlock {
  return new PointBlock(JSON.parse(metrics), points)
}

function summaryIn({ summarized, summary }: BlockRow): SplitSummary {
  return SplitSummary.restore({ metrics: summarized, state: summary })
}
