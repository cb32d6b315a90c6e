import { isTrainingEvent, type TrainingEvent, type TrainingEventType } from '../events/training-events.ts'
import type { Mark } from '../metrics/metrics-home.ts'
import { type Observation, observationOf } from '../metrics/observation.ts'
import { SplitSummary } from '../metrics/split-summary.ts'
import { readValues, writeValues } from '../metrics/stored-values.ts'
import type { Subscriber, SubscriberContext } from './subscriber.ts'

/** What is measured, and what marks it. */
const types: readonly TrainingEventType[] = [
  'step.completed',
  'step.skipped',
  'gradients.observed',
  'evaluation.completed',
  'epoch.completed',
  'run.resumed',
]

/**
 * The metrics of a run, as its log tells them now: one row for what was measured at a step, and one for each split with
 * what its series come to. After a resume the steps beyond its checkpoint are superseded; they stay in the log and
 * leave these tables, which are then as if they had never been.
 *
 * `metrics_points.values` is JSON by metric, so that SQLite's own functions read it:
 * `SELECT step, "values" ->> 'loss' FROM metrics_points WHERE stream = 'run/demo' AND split = 'train'`.
 */
export const metricsSubscriber: Subscriber = {
  name: 'metrics',
  revision: 2,
  tables: {
    metrics_points: `
      version INTEGER NOT NULL, step INTEGER NOT NULL, split TEXT NOT NULL, "values" TEXT NOT NULL,
      PRIMARY KEY (stream, version)`,
    metrics_summaries: `
      split TEXT NOT NULL, first_version INTEGER NOT NULL, metrics TEXT NOT NULL, state BLOB NOT NULL,
      PRIMARY KEY (stream, split)`,
    metrics_marks: `
      kind TEXT NOT NULL, step INTEGER NOT NULL, number INTEGER NOT NULL,
      PRIMARY KEY (stream, kind, step)`,
  },
  types,
  handle(event, context) {
    if (!isTrainingEvent(event)) return
    const { stream } = event
    if (event.type === 'epoch.completed') {
      keepMark(stream, { kind: 'epoch', step: event.data.step, number: event.data.epoch }, context)
    } else if (event.type === 'run.resumed') {
      supersede(event, context)
      keepMark(stream, { kind: 'resumed', step: event.data.step, number: event.data.attempt }, context)
    } else {
      const observation = observationOf(event)
      if (observation !== undefined) keepObservation(event, observation, context)
    }
  },
}

/** A row of `metrics_points`, without its stream. */
export interface PointRow {
  readonly version: number
  readonly step: number
  readonly split: string
  readonly values: string
}

/** A row of `metrics_summaries`, without its stream. */
export interface SummaryRow {
  readonly split: string
  readonly first_version: number
  readonly metrics: string
  readonly state: Buffer
}

function keepObservation(
  { stream, version }: TrainingEvent,
  observation: Observation,
  context: SubscriberContext,
): void {
  const { split, step, values } = observation
  context
    .statement('INSERT INTO metrics_points VALUES (?, ?, ?, ?, ?)')
    .run(stream, version, step, split, writeValues(values))
  const row = context
    .statement('SELECT split, first_version, metrics, state FROM metrics_summaries WHERE stream = ? AND split = ?')
    .get(stream, split) as SummaryRow | undefined
  const summary = row === undefined ? new SplitSummary() : SplitSummary.restore(row)
  summary.take(observation)
  keepSummary(stream, split, row?.first_version ?? version, summary, context)
}

function keepSummary(
  stream: string,
  split: string,
  firstVersion: number,
  summary: SplitSummary,
  context: SubscriberContext,
): void {
  const { metrics, state } = summary.store()
  context
    .statement(
      `INSERT INTO metrics_summaries VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET metrics = excluded.metrics, state = excluded.state`,
    )
    .run(stream, split, firstVersion, metrics, state)
}

function keepMark(stream: string, { kind, step, number }: Mark, context: SubscriberContext): void {
  context.statement('INSERT OR REPLACE INTO metrics_marks VALUES (?, ?, ?, ?)').run(stream, kind, step, number)
}

/** Drops what lies beyond the resumed checkpoint, and sums up what is left from its beginning. */
function supersede({ stream, data }: TrainingEvent<'run.resumed'>, context: SubscriberContext): void {
  context.statement('DELETE FROM metrics_marks WHERE stream = ? AND step > ?').run(stream, data.step)
  const { changes } = context
    .statement('DELETE FROM metrics_points WHERE stream = ? AND step > ?')
    .run(stream, data.step)
  if (changes === 0) return
  context.statement('DELETE FROM metrics_summaries WHERE stream = ?').run(stream)
  const splits = new Map<string, { readonly firstVersion: number; readonly summary: SplitSummary }>()
  const rows = context.statement(
    'SELECT version, step, split, "values" FROM metrics_points WHERE stream = ? ORDER BY version',
  )
  for (const row of rows.iterate(stream) as Iterable<PointRow>) {
    let kept = splits.get(row.split)
    if (kept === undefined) {
      kept = { firstVersion: row.version, summary: new SplitSummary() }
      splits.set(row.split, kept)
    }
    kept.summary.take({ split: row.split, step: row.step, values: readValues(row.values) })
  }
  for (const [split, { firstVersion, summary }] of splits) keepSummary(stream, split, firstVersion, summary, context)
}
