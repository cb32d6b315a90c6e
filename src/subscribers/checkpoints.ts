import { isTrainingEvent, type TrainingEvent } from '../events/training-events.ts'
import type { Subscriber, SubscriberContext } from './subscriber.ts'

/** Every checkpoint that a run ever made, with what became of it. */
export const checkpointsSubscriber: Subscriber = {
  name: 'checkpoints',
  revision: 1,
  tables: {
    checkpoints: `
      checkpoint TEXT NOT NULL, step INTEGER NOT NULL, epoch INTEGER NOT NULL, reason TEXT NOT NULL,
      status TEXT NOT NULL, uri TEXT, sha256 TEXT, bytes INTEGER,
      metric_name TEXT, metric_value REAL, error TEXT, captured_at INTEGER NOT NULL,
      PRIMARY KEY (stream, checkpoint)`,
  },
  types: ['checkpoint.captured', 'checkpoint.saved', 'checkpoint.failed', 'checkpoint.deleted', 'run.resumed'],
  handle(event, context) {
    if (isTrainingEvent(event)) keep(event, context)
  },
}

function keep(event: TrainingEvent, context: SubscriberContext): void {
  const { stream } = event
  switch (event.type) {
    case 'checkpoint.captured': {
      const { checkpoint, step, epoch, reason } = event.data
      context
        .statement(
          `INSERT OR REPLACE INTO checkpoints (stream, checkpoint, step, epoch, reason, status, captured_at)
           VALUES (?, ?, ?, ?, ?, 'captured', ?)`,
        )
        .run(stream, checkpoint, step, epoch, reason, event.at)
      return
    }
    case 'checkpoint.saved': {
      const { checkpoint, uri, sha256, bytes, metric } = event.data
      context
        .statement(
          `UPDATE checkpoints SET status = 'saved', uri = ?, sha256 = ?, bytes = ?, metric_name = ?, metric_value = ?
           WHERE stream = ? AND checkpoint = ?`,
        )
        .run(uri, sha256, bytes, metric?.name ?? null, metric?.value ?? null, stream, checkpoint)
      return
    }
    case 'checkpoint.failed':
      context
        .statement(`UPDATE checkpoints SET status = 'failed', error = ? WHERE stream = ? AND checkpoint = ?`)
        .run(event.data.error, stream, event.data.checkpoint)
      return
    case 'checkpoint.deleted':
      context
        .statement(`UPDATE checkpoints SET status = 'deleted' WHERE stream = ? AND checkpoint = ?`)
        .run(stream, event.data.checkpoint)
      return
    case 'run.resumed':
      // What was captured but not saved when its process died never will be.
      context
        .statement(
          `UPDATE checkpoints SET status = 'failed', error = 'the process ended while it was written'
           WHERE stream = ? AND status = 'captured'`,
        )
        .run(stream)
  }
}
