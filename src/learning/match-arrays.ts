import { ChronogradError } from '../errors/chronograd-error.ts'
import type { NamedArray } from './named-array.ts'

/** A saved state does not fit what it is loaded into. Nothing has been changed. */
export class StateMismatchError extends ChronogradError {}

/**
 * The values of `arrays` in the order of `wanted`, after checking that names and shapes agree on both sides, so that a
 * state is loaded whole or not at all.
 *
 * @throws StateMismatchError when a name is missing, unknown or given twice, or a shape differs
 */
export function matchArrays(
  wanted: readonly { readonly name: string; readonly shape: readonly number[] }[],
  arrays: readonly NamedArray[],
): Float32Array[] {
  const unused = new Map<string, NamedArray>()
  for (const array of arrays) {
    if (unused.has(array.name)) throw new StateMismatchError(`The saved state has two arrays called ${array.name}.`)
    unused.set(array.name, array)
  }
  const matched = wanted.map(({ name, shape }) => {
    const array = unused.get(name)
    if (array === undefined) {
      throw new StateMismatchError(
        `The saved state has no array called ${name}; load it into a model of the same configuration.`,
      )
    }
    unused.delete(name)
    const size = shape.reduce((product, length) => product * length, 1)
    if (array.shape.join() !== shape.join() || array.values.length !== size) {
      throw new StateMismatchError(
        `The saved array ${name} has shape [${array.shape.join(', ')}] and ${array.values.length} values where shape ` +
          `[${shape.join(', ')}] is wanted; load it into a model of the same configuration.`,
      )
    }
    return array.values
  })
  for (const name of unused.keys()) {
    throw new StateMismatchError(
      `The saved state has an array called ${name}, which this model lacks; load it into a model of the same configuration.`,
    )
  }
  return matched
}
