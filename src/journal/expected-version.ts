import { ConcurrencyError } from './journal-errors.ts'

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

/** @throws ConcurrencyError when the stream is not as expected */
export function assertExpectedVersion(stream: string, expected: ExpectedVersion, actual: number): void {
  if (!matchesExpectedVersion(expected, actual)) throw new ConcurrencyError(stream, expected, actual)
}
