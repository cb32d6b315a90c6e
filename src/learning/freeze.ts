import { ChronogradError } from '../errors/chronograd-error.ts'
import type { Parameter } from './parameter.ts'
import { matchesPattern } from './parameter-pattern.ts'

/** Parts of a model cannot be frozen as asked. Nothing was changed. */
export class FreezeError extends ChronogradError {}

/**
 * The parameters with those that patterns mean taken out of training. All others are the same objects as before.
 *
 * @throws FreezeError when a pattern means nothing, or no parameter would be left to train
 */
export function frozenParameters(parameters: readonly Parameter[], patterns: readonly string[]): Parameter[] {
  for (const pattern of patterns) {
    if (parameters.some(parameter => matchesPattern(pattern, parameter))) continue
    const parts = [...new Set(parameters.map(({ name }) => name.split('.', 1)[0]))]
    throw new FreezeError(`Nothing in the model is called ${pattern}; its parts are ${parts.join(', ')}.`)
  }
  const frozen = parameters.map(parameter =>
    patterns.some(pattern => matchesPattern(pattern, parameter))
      ? { ...parameter, trainable: false, decay: false }
      : parameter,
  )
  if (frozen.some(({ trainable }) => trainable)) return frozen
  throw new FreezeError(`Freezing ${patterns.join(', ')} leaves nothing of the model to train; freeze less.`)
}
