import { isTrainingEvent, type TrainingEvent } from '../events/training-events.ts'
import type { Subscriber, SubscriberContext } from './subscriber.ts'

/**
 * The gradients and weights of a run, layer by layer: a row for every layer whenever they were observed, its histogram
 * as a JSON array of counts. SQLite has no NaN: a NULL is a value that was not a number.
 */
export const layersSubscriber: Subscriber = {
  name: 'layers',
  revision: 1,
  tables: {
    layers: `
      kind TEXT NOT NULL, layer TEXT NOT NULL, step INTEGER NOT NULL, size INTEGER NOT NULL,
      norm REAL, mean REAL, standard_deviation REAL, minimum REAL, maximum REAL, zeros REAL,
      non_finite INTEGER NOT NULL, histogram TEXT NOT NULL,
      PRIMARY KEY (stream, kind, layer, step)`,
  },
  types: ['gradients.observed', 'parameters.observed', 'run.resumed'],
  handle(event, context) {
    if (!isTrainingEvent(event)) return
    switch (event.type) {
      case 'gradients.observed':
        return keep('gradients', event, context)
      case 'parameters.observed':
        return keep('parameters', event, context)
      case 'run.resumed':
        context.statement('DELETE FROM layers WHERE stream = ? AND step > ?').run(event.stream, event.data.step)
    }
  },
}

function keep(
  kind: 'gradients' | 'parameters',
  { stream, data }: TrainingEvent<'gradients.observed' | 'parameters.observed'>,
  context: SubscriberContext,
): void {
  const insert = context.statement('INSERT OR REPLACE INTO layers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (const statistics of data.layers) {
    const { layer, size, norm, mean, standardDeviation, minimum, maximum, zeros, nonFinite, histogram } = statistics
    const extent = [norm, mean, standardDeviation, minimum, maximum, zeros]
    insert.run(stream, kind, layer, data.step, size, ...extent, nonFinite, JSON.stringify(histogram))
  }
}
