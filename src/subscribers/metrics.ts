import { isTrainingEvent, type TrainingEventType } from '../events/training-events.ts'
import type { Mark } from '../metrics/metrics-home.ts'
import { observationOf } from '../metrics/observation.ts'
import { blockColumns, openBlocks } from './metric-blocks.ts'
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
 * The metrics of a run, as its log tells them now: blocks of points, each with what its split's series had come to after
 * it. After a resume the steps beyond its checkpoint are superseded; they stay in the log and leave these tables, which
 * are then as if they had never been.
 */
export const metricsSubscriber: Subscriber = {
  name: 'metrics',
  revision: 3,
  tables: {
    metrics_blocks: blockColumns,
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
      const { step, attempt } = event.data
      context.hold(openBlocks, stream).supersede(step)
      context.statement('DELETE FROM metrics_marks WHERE stream = ? AND step > ?').run(stream, step)
      keepMark(stream, { kind: 'resumed', step, number: attempt }, context)
    } else {
      const observation = observationOf(event)
      if (observation !== undefined) context.hold(openBlocks, stream).take(event.version, observation)
    }
  },
}

function keepMark(stream: string, { kind, step, number }: Mark, context: SubscriberContext): void {
  context.statement('INSERT OR REPLACE INTO metrics_marks VALUES (?, ?, ?, ?)').run(stream, kind, step, number)
}
