import type { z } from 'zod'
import { ChronogradError } from '../errors/chronograd-error.ts'

/** An event to append does not fit its schema; nothing of the append that held it was written. */
export class InvalidEventError extends ChronogradError {
  readonly type: string
  /** The dotted path of the first wrong field, such as `data.metrics.loss` or `meta.rank`. */
  readonly path: string

  constructor(type: string, part: 'data' | 'meta', error: z.ZodError) {
    super(`The event ${type} is refused: ${tellIssues(part, error)}.`)
    this.type = type
    this.path = pathOf(part, error.issues[0])
  }
}

/** No event of this type is known, so it can be neither checked nor written. */
export class UnknownEventTypeError extends ChronogradError {
  constructor(type: string) {
    super(`There is no event type "${type}"; define it with defineEvent and hand it to Journal.open({ events }).`)
  }
}

/** What a stored event is told apart by in messages. */
export interface EventPlace {
  readonly stream: string
  readonly version: number
  readonly type: string
}

/** A stored event is not what its schema version promises: it was damaged, or its upcaster is wrong. */
export class UnreadableEventError extends ChronogradError {
  readonly place: EventPlace

  constructor(place: EventPlace, reason: string, options?: ErrorOptions) {
    super(`${tellPlace(place)} cannot be read: ${reason}; verify the stream to see whether it was changed.`, options)
    this.place = place
  }
}

/** An event was written by a newer Chronograd, under a schema version that this one does not know. */
export class NewerEventError extends ChronogradError {
  readonly place: EventPlace

  constructor(place: EventPlace, stored: number, known: number) {
    super(
      `${tellPlace(place)} has schema version ${stored}, but this Chronograd knows versions up to ${known}; update Chronograd to read it.`,
    )
    this.place = place
  }
}

/** Every issue of one part of an event, with the dotted path of the field that it is about. */
export function tellIssues(part: 'data' | 'meta', error: z.ZodError): string {
  return error.issues.map(issue => `${pathOf(part, issue)}: ${issue.message}`).join('; ')
}

function pathOf(part: 'data' | 'meta', issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return part
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
  return [part, ...keys].map(String).join('.')
}

function tellPlace({ stream, version, type }: EventPlace): string {
  return `The event ${type} at version ${version} of ${stream}`
}
