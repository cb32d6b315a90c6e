import type { StatelyInspectionEvent } from '@statelyai/inspect'

/** A message as the page gets it: its number, how many characters it has, and itself. */
export type ToldMessage = readonly [number: number, size: number, message: StatelyInspectionEvent]

/** What `/api/inspected/live` tells, as the data of Server-Sent Events whose id is the number of the last message. */
export interface LiveMessages {
  /** Another one is another program, whose messages begin anew. */
  readonly program: string
  /** How many events the server has let go of so far. */
  readonly letGo: number
  readonly messages: readonly ToldMessage[]
}
