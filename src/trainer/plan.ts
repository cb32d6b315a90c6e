import type { Plan } from '../../machines/trainer.ts'
import type { RunSettings } from './run-settings.ts'

/** What the run's machine decides by. */
export function planOf(settings: RunSettings, stepsPerEpoch: number, evaluates: boolean): Plan {
  const { epochs, maxSteps, evaluation, checkpoints, earlyStopping } = settings
  const inSteps = (rhythm: { epochs: number } | { steps: number }) =>
    'steps' in rhythm ? rhythm.steps : rhythm.epochs * stepsPerEpoch
  return {
    epochs,
    stepsPerEpoch,
    totalSteps: Math.min(epochs * stepsPerEpoch, maxSteps ?? Number.POSITIVE_INFINITY),
    evaluateEvery: evaluates ? inSteps(evaluation.every) : null,
    checkpointEvery: checkpoints.every === null ? null : inSteps(checkpoints.every),
    metric: { name: evaluation.metric, better: evaluation.better },
    checkpointBest: evaluates && checkpoints.keepBest > 0,
    earlyStopping: earlyStopping && {
      patience: earlyStopping.patience,
      minimumChange: earlyStopping.minimumChange,
      divergence: earlyStopping.divergence,
    },
  }
}
