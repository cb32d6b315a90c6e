import type { Plan } from '../../machines/trainer-context.ts'
import type { RunSettings } from './run-settings.ts'

/** How often something is done. */
export type Rhythm = { readonly epochs: number } | { readonly steps: number }

/** Steps from one time to the next. */
export function stepsOf(rhythm: Rhythm, stepsPerEpoch: number): number {
  return 'steps' in rhythm ? rhythm.steps : rhythm.epochs * stepsPerEpoch
}

/** What the run's machine decides by. */
export function planOf(settings: RunSettings, stepsPerEpoch: number, evaluates: boolean): Plan {
  const { epochs, maxSteps, evaluation, checkpoints, earlyStopping } = settings
  return {
    epochs,
    stepsPerEpoch,
    totalSteps: Math.min(epochs * stepsPerEpoch, maxSteps ?? Number.POSITIVE_INFINITY),
    evaluateEvery: evaluates ? stepsOf(evaluation.every, stepsPerEpoch) : null,
    checkpointEvery: checkpoints.every === null ? null : stepsOf(checkpoints.every, stepsPerEpoch),
    metric: { name: evaluation.metric, better: evaluation.better },
    checkpointBest: evaluates && checkpoints.keepBest > 0,
    earlyStopping: earlyStopping && {
      patience: earlyStopping.patience,
      minimumChange: earlyStopping.minimumChange,
      divergence: earlyStopping.divergence,
    },
  }
}
