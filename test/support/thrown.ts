import * as assert from 'uvu/assert'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'

/**
 * Calls `work`, which must throw an error of the class `kind`, and gives that error. One of ours must have a sentence
 * for a message.
 */
export function thrownBy<Kind extends Error>(kind: new (...given: never[]) => Kind, work: () => unknown): Kind {
  try {
    work()
  } catch (error) {
    assert.instance(error, kind, `${kind.name} was wanted, but ${String(error)} was thrown`)
    if (error instanceof ChronogradError) {
      assert.match(error.message, /^[A-Z"].*\.$/s)
      assert.is(error.name, kind.name)
    }
    return error as Kind
  }
  assert.unreachable(`${kind.name} was wanted, but nothing was thrown`)
  throw new Error('unreachable')
}
