import type { TrainingData } from '../src/events/training-events.ts'
import type { Progress, TrainerContext } from './trainer-context.ts'

/** Why the run is to end before its last step, or null where it goes on. */
export function whyStopped({
  plan,
  progress,
}: Pick<TrainerContext, 'plan' | 'progress'>): TrainingData<'run.early-stopped'>['reason'] | null {
  if (plan?.earlyStopping == null) return null
  if (progress.diverged) return 'divergence'
  return progress.evaluationsWithoutImprovement >= plan.earlyStopping.patience ? 'patience' : null
}

/**
 * The rule of early stopping: an evaluation is better only if it beats the best by more than `minimumChange`. One that
 * is worse than the divergence threshold, or no number where there is a threshold, ends the run at once.
 */
export function judged({ plan, progress }: TrainerContext, evaluation: TrainingData<'evaluation.completed'>): Progress {
  const value = plan === null ? undefined : evaluation.metrics[plan.metric.name]
  const sign = plan?.metric.better === 'lower' ? -1 : 1
  const { minimumChange = 0, divergence = null } = plan?.earlyStopping ?? {}
  const improved =
    value !== undefined &&
    Number.isFinite(value) &&
    (progress.best === null || sign * (value - progress.best.value) > minimumChange)
  return {
    ...progress,
    evaluatedAt: evaluation.step,
    best: improved ? { value, step: evaluation.step } : progress.best,
    diverged: divergence !== null && !(value !== undefined && sign * (value - divergence) >= 0),
    evaluationsWithoutImprovement: improved ? 0 : progress.evaluationsWithoutImprovement + 1,
  }
}
