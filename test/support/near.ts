import * as assert from 'uvu/assert'

/** Asserts that two numbers differ by less than `tolerance`; two NaN are equal. */
export function assertNear(actual: number | undefined, expected: number, tolerance = 1e-6, what = ''): void {
  if (Number.isNaN(expected) ? Number.isNaN(actual) : Math.abs((actual ?? Number.NaN) - expected) < tolerance) return
  assert.unreachable(`${what} ${actual} is not within ${tolerance} of ${expected}`.trim())
}
