import * as assert from 'uvu/assert'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'

/** Awaits `work`, which must be rejected with an error of the class `kind`, and gives that error. */
export async function rejectedBy<Kind extends Error>(
  kind: new (...given: never[]) => Kind,
  work: Promise<unknown> | (() => Promise<unknown>),
): Promise<Kind> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    assert.instance(error, kind, `${kind.name} was wanted, but ${String(error)} was thrown`)
    if (error instanceof ChronogradError) {
      assert.match(error.message, /^[A-Z0-9"].*\.$/s)
      assert.is(error.name, kind.name)
    }
    return error as Kind
  }
  assert.unreachable(`${kind.name} was wanted, but nothing was thrown`)
  throw new Error('unreachable')
}
