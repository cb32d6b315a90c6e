import * as assert from 'uvu/assert'

/** Asserts that a number is within a tolerance of another. */
export function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`)
}
