import type { TrainingData } from '../src/events/training-events.ts'
import { whyStopped } from './early-stopping.ts'
import type { TrainerContext } from './trainer-context.ts'

/** Whether the scheduled evaluation of the current step is still to be done. */
export function evaluationDue(context: TrainerContext): boolean {
  const { plan, progress } = context
  if (plan?.evaluateEvery == null || progress.step === 0 || progress.evaluatedAt === progress.step) return false
  return epochIsClosed(context) && (progress.step % plan.evaluateEvery === 0 || stepsAreDone(context))
}

/** Why a checkpoint is to be captured at the current step, or null where none is. */
export function checkpointDue(context: TrainerContext): TrainingData<'checkpoint.captured'>['reason'] | null {
  const { plan, progress } = context
  if (plan === null || progress.step === 0 || progress.capturedAt === progress.step) return null
  if (!epochIsClosed(context)) return null
  if (plan.checkpointBest && progress.best?.step === progress.step) return 'best'
  if (stepsAreDone(context) || whyStopped(context) !== null) return 'final'
  return plan.checkpointEvery !== null && progress.step % plan.checkpointEvery === 0 ? 'interval' : null
}

/** Whether the epoch that the last step ended, if it ended one, is booked as completed. */
export function epochIsClosed({ plan, progress }: TrainerContext): boolean {
  if (plan === null) return true
  return progress.step % plan.stepsPerEpoch !== 0 || progress.epochsCompleted === progress.step / plan.stepsPerEpoch
}

/** The epoch that the next step belongs to. */
export function epochAfter({ plan, progress }: TrainerContext): number | undefined {
  return plan === null ? undefined : Math.floor(progress.step / plan.stepsPerEpoch) + 1
}

/** Whether every planned step is done. */
export function stepsAreDone({ plan, progress }: TrainerContext): boolean {
  return plan !== null && progress.step >= plan.totalSteps
}
