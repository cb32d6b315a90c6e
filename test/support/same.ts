import { deepStrictEqual } from 'node:assert'

/** Asserts deep equality to the last bit: `NaN` is itself and `-0` is not `0`, which uvu does not tell apart. */
export function assertSame(actual: unknown, wanted: unknown): void {
  deepStrictEqual(actual, wanted)
}
