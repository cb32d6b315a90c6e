import { createHash } from 'node:crypto'
import type { TrainingData } from '../events/training-events.ts'
import type { Parameter } from '../learning/parameter.ts'

/** What a run's log says about its model as it was before the first step. */
export type ModelFingerprint = NonNullable<TrainingData<'run.started'>['model']>

/**
 * What identifies a model: how many numbers it has, which arrays, and their values. Two models of one `layout` can take
 * each other's checkpoints; two of one `sha256` are the same model.
 */
export function modelFingerprint(model: { readonly parameters: readonly Parameter[] }): ModelFingerprint {
  const layout = createHash('sha256')
  const values = createHash('sha256')
  let parameters = 0
  for (const { name, variable } of model.parameters) {
    const described = JSON.stringify([name, variable.shape])
    layout.update(described)
    const array = variable.dataSync<'float32'>()
    values.update(described).update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    parameters += variable.size
  }
  return { parameters, layout: layout.digest('hex'), sha256: values.digest('hex') }
}
