import type { Plan } from '../../machines/trainer-context.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import { lossOf } from '../learning/loss/batch-loss.ts'
import type { ModelAverage } from '../learning/model-average.ts'
import type { Optimizer } from '../learning/optimizer.ts'
import type { Track } from '../profile/track.ts'
import { CheckpointManager } from './checkpoint-manager.ts'
import { checkpointedParts } from './checkpointed-parts.ts'
import { Evaluation, type EvaluationResult } from './evaluation.ts'
import { LayerObserver } from './layer-observer.ts'
import { createLearner } from './learner.ts'
import type { PartFactories, RunEvaluation, RunLoop } from './part-factories.ts'
import { planOf } from './plan.ts'
import type { PreparedData } from './prepare-data.ts'
import type { RunDefinition } from './run-definition.ts'
import type { RunSettings } from './run-settings.ts'
import { TrainingLoop } from './training-loop.ts'

/** The parts of one run, ready to work. */
export interface RunParts {
  readonly plan: Plan
  readonly model: DualEncoder
  readonly optimizer: Optimizer
  /** The running average of the weights, which evaluations judge; none where the settings do not ask for it. */
  readonly average: ModelAverage | undefined
  readonly loop: RunLoop
  readonly checkpoints: CheckpointManager
  readonly evaluation: RunEvaluation | undefined
  /** Lets go of the learner, unless it was handed in. */
  dispose(): void
}

const ownParts = {
  trainingLoop: options => new TrainingLoop(options),
  evaluation: options => new Evaluation(options),
  checkpointManager: options => new CheckpointManager(options),
} satisfies PartFactories

/**
 * Makes a run's parts: each by the definition's factory where it has one.
 *
 * @throws HandedInError
 */
export function makeParts(
  definition: RunDefinition,
  settings: RunSettings,
  data: PreparedData,
  {
    checkpointDir,
    onNotice,
    track,
  }: {
    readonly checkpointDir: string
    readonly onNotice: (sentence: string) => void
    readonly track?: Track | undefined
  },
): RunParts {
  const { trainingLoop, evaluation, checkpointManager } = { ...ownParts, ...definition.parts }
  const learner = createLearner(settings, data.tokenizer.vocabularySize, definition)
  const { model, optimizer, average } = learner
  try {
    const plan = planOf(settings, data.train.stepsPerEpoch, data.validation !== undefined)
    const observer = new LayerObserver(settings.observe, plan)
    const loop = trainingLoop({ model, optimizer, average, data: data.train, plan, settings, observer, track })
    return {
      plan,
      model,
      optimizer,
      average,
      loop,
      checkpoints: checkpointManager({
        model,
        optimizer,
        checkpointDir,
        parts: checkpointedParts(loop, average),
        better: settings.evaluation.better,
        onNotice,
      }),
      evaluation: data.validation && evaluation({ model, data: data.validation, loss: lossOf(settings.loss) }),
      dispose: () => learner.dispose(),
    }
  } catch (error) {
    learner.dispose()
    throw error
  }
}

/** Measures the held-out split: with the running average of the weights, where there is one. */
export async function measureHeldOut(
  evaluation: RunEvaluation,
  average: ModelAverage | undefined,
): Promise<EvaluationResult> {
  return await (average?.withAverage(() => evaluation.run()) ?? evaluation.run())
}
