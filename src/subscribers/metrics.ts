import { isTrainingEvent, type TrainingEvent } from '../events/training-events.ts'
import type { Subscriber, SubscriberContext } from './subscriber.ts'

/**
 * The metrics of a run, as its log tells them now: one row a step and one a measured value. After a resume the steps
 * beyond its checkpoint are superseded; they stay in the log and leave these tables.
 *
 * SQLite has no NaN: a NULL is a value that was not a number.
 */
export const metricsSubscriber: Subscriber = {
  name: 'metrics',
  revision: 1,
  tables: {
    metrics_steps: `
      step INTEGER NOT NULL, epoch INTEGER NOT NULL, applied INTEGER NOT NULL,
      loss REAL, learning_rate REAL, logit_scale REAL, gradient_norm REAL,
      examples INTEGER NOT NULL, duration_ms REAL, data_wait_ms REAL, at INTEGER NOT NULL,
      PRIMARY KEY (stream, step)`,
    metrics_values: `
      step INTEGER NOT NULL, split TEXT NOT NULL, name TEXT NOT NULL, value REAL,
      PRIMARY KEY (stream, split, name, step)`,
  },
  types: ['step.completed', 'step.skipped', 'evaluation.completed', 'run.resumed'],
  handle(event, context) {
    if (!isTrainingEvent(event)) return
    switch (event.type) {
      case 'step.completed':
      case 'step.skipped':
        return keepStep(event, context)
      case 'evaluation.completed':
        return keepValues(event.stream, event.data.step, event.data.split, event.data.metrics, context)
      case 'run.resumed':
        return supersede(event.stream, event.data.step, context)
    }
  },
}

function keepStep(
  { stream, data, at }: TrainingEvent<'step.completed' | 'step.skipped'>,
  context: SubscriberContext,
): void {
  const { step, epoch, loss, learningRate, gradientNorm, examples, durationMs, dataWaitMs } = data
  const applied = 'logitScale' in data
  const logitScale = applied ? data.logitScale : null
  context
    .statement('INSERT INTO metrics_steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      stream,
      step,
      epoch,
      applied ? 1 : 0,
      loss,
      learningRate,
      logitScale,
      gradientNorm,
      examples,
      durationMs,
      dataWaitMs,
      at,
    )
  if (applied) keepValues(stream, step, 'train', data.metrics, context)
}

function keepValues(
  stream: string,
  step: number,
  split: string,
  values: Readonly<Record<string, number>>,
  context: SubscriberContext,
): void {
  const insert = context.statement('INSERT OR REPLACE INTO metrics_values VALUES (?, ?, ?, ?, ?)')
  for (const [name, value] of Object.entries(values)) insert.run(stream, step, split, name, value)
}

function supersede(stream: string, step: number, context: SubscriberContext): void {
  context.statement('DELETE FROM metrics_steps WHERE stream = ? AND step > ?').run(stream, step)
  context.statement('DELETE FROM metrics_values WHERE stream = ? AND step > ?').run(stream, step)
}
