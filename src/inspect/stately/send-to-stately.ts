import type { StatelyInspectionEvent } from '@statelyai/inspect'
import type { InspectionMessage } from '../stately-messages.ts'

/** What every inspector of Stately's package sends by. */
export interface StatelyAdapter {
  send(event: StatelyInspectionEvent): void
}

/** Sends messages the way that Stately's package sends its own. */
export function sendToStately(adapter: StatelyAdapter, messages: readonly InspectionMessage[]): void {
  for (const { text } of messages) adapter.send(JSON.parse(text) as StatelyInspectionEvent)
}
