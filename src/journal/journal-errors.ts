import { ChronogradError } from '../errors/chronograd-error.ts'
import type { ExpectedVersion } from './expected-version.ts'

/** Somebody else appended to the stream: nothing of this append was written. */
export class ConcurrencyError extends ChronogradError {
  readonly stream: string
  readonly expected: ExpectedVersion
  /** The stream's version when the append was refused; 0 where there is no stream. */
  readonly actual: number

  constructor(stream: string, expected: ExpectedVersion, actual: number) {
    super(
      `The stream ${stream} was expected at ${typeof expected === 'number' ? `version ${expected}` : `"${expected}"`} but is at version ${actual}: another writer was there; read it again before appending.`,
    )
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

/** An event id was used before, for something else. */
export class EventIdConflictError extends ChronogradError {
  constructor(id: string, recorded: string) {
    super(
      `The event id "${id}" belongs to ${recorded} already and cannot name another event; leave the id out for a new one.`,
    )
  }
}

/** The journal cannot be opened, or not in this way. */
export class JournalOpenError extends ChronogradError {
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`The journal ${path} ${reason}`, options)
    this.path = path
  }
}

/** The disk refused a write. What was committed before is safe. */
export class JournalWriteError extends ChronogradError {
  constructor(path: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const advice = /full/.test(message)
      ? 'make room on the disk and resume the run'
      : 'check that its disk and folder can be written to'
    super(`The journal ${path} could not be written (${message}): ${advice}; nothing committed is lost.`, { cause })
  }
}
