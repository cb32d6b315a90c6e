import { EventRegistry } from './event-registry.ts'
import type { RecordedEvent } from './recorded-event.ts'
import { isTrainingEvent, trainingEvents } from './training-events.ts'

const registry = new EventRegistry(trainingEvents)

/** An event as one line of JSON, its data as the journal stores it: NaN and infinities as text. */
export function eventJson(event: RecordedEvent): string {
  const data = isTrainingEvent(event) ? JSON.parse(registry.encode(event).data) : event.data
  return JSON.stringify({ ...event, data })
}
