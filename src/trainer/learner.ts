import { AdamW } from '../learning/adamw.ts'
import { createDualEncoder, DualEncoder } from '../learning/dual-encoder.ts'
import { initialLogitsOf } from '../learning/loss/initial-logits.ts'
import { ModelAverage } from '../learning/model-average.ts'
import { isOptimizer, type Optimizer } from '../learning/optimizer.ts'
import type { RunDefinition } from './run-definition.ts'
import type { RunSettings } from './run-settings.ts'
import { HandedInError } from './trainer-errors.ts'

/** What learns: the arrays that a step changes, and what changes them. */
export interface Learner {
  readonly model: DualEncoder
  readonly optimizer: Optimizer
  /** The running average of the model's weights, where the settings ask for one. */
  readonly average: ModelAverage | undefined
  /** Lets go of what was made here; what was handed in stays its owner's. */
  dispose(): void
}

/**
 * The model that a run's settings describe.
 *
 * @param seed what its weights follow from; null leaves them zero, for weights that are about to be loaded
 * @throws HandedInError when the run's model was handed in, so that its settings do not tell it
 */
export function createModel(settings: RunSettings, vocabularySize: number, seed: number | null): DualEncoder {
  const { model, tokenLength, imageSize, loss } = settings
  if (model === null) {
    throw new HandedInError(
      'The run trains a model that was handed in as an object, so its settings cannot build it; hand the same model in again.',
    )
  }
  return createDualEncoder(model, { seed, vocabularySize, tokenLength, imageSize, logits: initialLogitsOf(loss) })
}

/**
 * A run's learner as it is before the first step: what was handed in, and the rest as the settings say.
 *
 * @throws HandedInError when what was handed in is not there now, or the optimizer is of another model
 * @throws FreezeError, OptimizerError when the settings name parameters that the model does not have
 */
export function createLearner(
  settings: RunSettings,
  vocabularySize: number,
  given: Pick<RunDefinition, 'model' | 'optimizer' | 'tokenizer'> = {},
): Learner {
  const givenModel = given.model instanceof DualEncoder ? given.model : undefined
  const givenOptimizer = isOptimizer(given.optimizer) ? given.optimizer : undefined
  if (givenModel !== undefined && given.tokenizer === undefined) {
    throw new HandedInError(
      'A model was handed in without a tokenizer; hand in the tokenizer that it was made for too.',
    )
  }
  if (givenOptimizer !== undefined) assertOfModel(givenOptimizer, givenModel)
  const buildOptimizer = (model: DualEncoder) => {
    if (settings.optimizer !== null) return new AdamW(model.parameters, settings.optimizer)
    throw new HandedInError(
      'The run trains with an optimizer that was handed in as an object, so its settings cannot build it; hand the same in again.',
    )
  }
  const made: { dispose(): void }[] = []
  const keep = <Part extends { dispose(): void }>(part: Part): Part => {
    made.push(part)
    return part
  }
  const dispose = () => {
    for (const part of made) part.dispose()
  }
  try {
    const model = givenModel ?? keep(createModel(settings, vocabularySize, settings.seed))
    if (settings.freeze.length > 0) model.freeze(settings.freeze)
    const optimizer = givenOptimizer ?? keep(buildOptimizer(model))
    const average = settings.averaging === null ? undefined : keep(new ModelAverage(model, settings.averaging))
    return { model, optimizer, average, dispose }
  } catch (error) {
    dispose()
    throw error
  }
}

function assertOfModel(optimizer: Optimizer, model: DualEncoder | undefined): void {
  const own = new Set(model?.parameters.map(({ variable }) => variable))
  const stranger = optimizer.layout.slots.find(({ parameter }) => !own.has(parameter.variable))
  if (stranger === undefined) return
  throw new HandedInError(
    model === undefined
      ? 'An optimizer was handed in without its model; hand in both, or give the optimizer as settings.'
      : `The optimizer that was handed in moves ${stranger.parameter.name}, which is not of the model that was handed in; make it from model.parameters.`,
  )
}
