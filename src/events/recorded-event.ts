import { z } from 'zod'
import { count } from './real.ts'

/** What is known about an event beside its data. */
export interface EventMeta {
  /** The rank that the event comes from, in a run of several. */
  readonly rank?: number
  /** The attempt of the run, 1 at first and one more after each resume. */
  readonly attempt?: number
  /** The id of the event that this one follows from. */
  readonly causation?: string
}

export const eventMetaSchema = z.strictObject({
  rank: count.optional(),
  attempt: z.int().min(1).optional(),
  causation: z.string().optional(),
})

/** An event to append: a past-tense fact. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  readonly type: Type
  readonly data: Data
  /** Appending an event of the same id again is one event. A new UUID unless given. */
  readonly id?: string
  readonly meta?: EventMeta
}

/** An event as the journal holds it. */
export interface RecordedEvent<Type extends string = string, Data = unknown> {
  /** Where it lies in the whole journal: rising, without gaps as long as nothing is archived. */
  readonly position: number
  readonly stream: string
  /** Where it lies in its stream: 1, 2, 3 … */
  readonly version: number
  readonly id: string
  readonly type: Type
  /** When it was appended, in milliseconds since 1970. Never decides anything. */
  readonly at: number
  readonly data: Data
  readonly meta: EventMeta
  /** SHA-256, in hexadecimal, over the previous event's hash in the stream and this event's stored bytes. */
  readonly hash: string
}
