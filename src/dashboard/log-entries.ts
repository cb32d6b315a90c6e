import { eventJson } from '../events/event-json.ts'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { Attempt } from '../history/attempts.ts'
import { supersededBy } from '../history/superseded.ts'
import type { LogEntry, LoggedEvent } from './answers/logged-events.ts'

/** An event as the page gets it. */
export function loggedEvent(event: RecordedEvent): LoggedEvent {
  return JSON.parse(eventJson(event))
}

/** @param attempts those of the event's run */
export function logEntry(event: RecordedEvent, attempts: readonly Attempt[]): LogEntry {
  return { ...loggedEvent(event), supersededBy: supersededBy(event, attempts) ?? null }
}
