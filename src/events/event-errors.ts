import type { z } from 'zod'
import { ChronogradError } from '../errors/chronograd-error.ts'

/** An event's data does not fit its schema; nothing of the append that held it was written. */
export class InvalidEventError extends ChronogradError {
  readonly type: string
  /** The dotted path of the first wrong field, such as `data.metrics.loss`. */
  readonly path: string

  constructor(type: string, error: z.ZodError, verb: 'refused' | 'unreadable') {
    const issues = error.issues.map(issue => ({ path: pathOf(issue), message: issue.message }))
    const told = issues.map(({ path, message }) => `${path}: ${message}`).join('; ')
    super(`The event ${type} is ${verb}: ${told}.`)
    this.type = type
    this.path = issues[0]?.path ?? 'data'
  }
}

/** No event of this type is known, so it can be neither checked nor written. */
export class UnknownEventTypeError extends ChronogradError {
  constructor(type: string) {
    super(`There is no event type "${type}"; define it with defineEvent and hand it to Journal.open({ events }).`)
  }
}

/** An event was written by a newer Chronograd, under a schema version that this one does not know. */
export class NewerEventError extends ChronogradError {
  constructor(type: string, stored: number, known: number) {
    super(
      `An event ${type} has schema version ${stored}, but this Chronograd knows versions up to ${known}; update Chronograd to read it.`,
    )
  }
}

function pathOf(issue: z.core.$ZodIssue): string {
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
  return ['data', ...keys].map(String).join('.')
}
