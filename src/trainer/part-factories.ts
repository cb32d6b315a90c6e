import type { MetricsCollector } from '../metrics/metrics-collector.ts'
import type { MetricsHome } from '../metrics/metrics-home.ts'
import type { CheckpointManager, CheckpointManagerOptions } from './checkpoint-manager.ts'
import type { SplitOptions } from './data-options.ts'
import type { Evaluation, EvaluationOptions } from './evaluation.ts'
import type { EvaluationSplit, TrainingSplit } from './split.ts'
import type { TrainingLoop, TrainingLoopOptions } from './training-loop.ts'

/** What a run needs of its training loop; a `TrainingLoop` is one. */
export type RunLoop = Pick<TrainingLoop, 'opening' | 'step' | 'observe' | 'schedule'>

/** What a run needs of its evaluation; an `Evaluation` is one. */
export type RunEvaluation = Pick<Evaluation, 'run'>

/**
 * Makes parts of a trainer in one's own way: a subclass, or anything that does the same. Each factory gets what the
 * trainer would make its own part from; those that are left out are Chronograd's.
 *
 * @example
 * const parts: PartFactories = { checkpointManager: options => new MyCheckpointManager(options) }
 */
export interface PartFactories {
  /** Called for the training data, and again for the validation data. */
  readonly dataHandler?: (options: SplitOptions) => TrainingSplit & EvaluationSplit
  readonly trainingLoop?: (options: TrainingLoopOptions) => RunLoop
  readonly evaluation?: (options: EvaluationOptions) => RunEvaluation
  readonly checkpointManager?: (options: CheckpointManagerOptions) => CheckpointManager
  /** `home` holds what the metrics subscriber has taken from the run's log. */
  readonly metricsCollector?: (home: MetricsHome) => MetricsCollector
}
