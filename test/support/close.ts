import * as assert from 'uvu/assert'

/** Asserts that arrays are equal within `tolerance` times the largest wanted magnitude (at least 1). */
export function assertClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.is(actual.length, wanted.length, `${what}: the number of values`)
  let scale = 1
  for (let index = 0; index < wanted.length; index++) scale = Math.max(scale, Math.abs(wanted[index] as number))
  for (let index = 0; index < wanted.length; index++) {
    const distance = Math.abs((actual[index] as number) - (wanted[index] as number))
    assert.ok(
      distance <= tolerance * scale,
      `${what}: value ${index} is ${actual[index]}, wanted ${wanted[index]} within ${tolerance * scale}`,
    )
  }
}
