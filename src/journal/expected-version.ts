import { ChronogradError } from '../errors/chronograd-error.ts'

/**
 * What a writer believes of a stream before it appends: its exact version, that it does not exist, that it exists, or
 * nothing at all.
 */
export type ExpectedVersion = number | 'no-stream' | 'stream-exists' | 'any'

/** Whether a stream at `actual` (0 where there is none) is as expected. */
export function matchesExpectedVersion(expected: ExpectedVersion, actual: number): boolean {
  switch (expected) {
    case 'any':
      return true
    case 'no-stream':
      return actual === 0
    case 'stream-exists':
      return actual > 0
    default:
      return actual === expected
  }
}

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

/** @throws ConcurrencyError when the stream is not as expected */
export function assertExpectedVersion(stream: string, expected: ExpectedVersion, actual: number): void {
  if (!matchesExpectedVersion(expected, actual)) throw new ConcurrencyError(stream, expected, actual)
}
