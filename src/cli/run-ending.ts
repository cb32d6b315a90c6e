import type { SnapshotFrom } from 'xstate'
import type { trainerMachine } from '../../machines/trainer.ts'
import type { TrainerContext } from '../../machines/trainer-context.ts'
import { formatCount, formatNumber } from './format.ts'

/**
 * How a run ended, and what it reached, to be said after its name.
 *
 * @param standing the machine's state, or what only a look at the processes tells: `killed` or `forked`
 */
export function endingOf({ value, context }: SnapshotFrom<typeof trainerMachine>, standing: string = value): string {
  const { plan, progress, failure } = context
  if (standing === 'forked') return 'is a fork that nobody has trained yet.'
  if (plan === null) return `is ${standing}: it has not begun, and no process trains it.`
  const reached = `${formatNumber(progress.step)} of ${formatCount(plan.totalSteps, 'step')}`
  const best =
    progress.best === null
      ? ''
      : ` Its best ${plan.metric.name} is ${formatNumber(progress.best.value)}, at step ${progress.best.step}.`
  switch (standing) {
    case 'killed':
      return `was killed after ${reached}: the process that trained it is gone.${best}`
    case 'interrupted':
      return `was interrupted after ${reached}.${best}`
    case 'early-stopped':
      return `was stopped early after ${reached}: ${whyStoppedEarly(context)}.${best}`
    case 'failed':
      return `failed after ${reached}: ${failure}`
    default:
      return `is ${standing}: ${reached}.${best}`
  }
}

function whyStoppedEarly({ plan, progress }: TrainerContext): string {
  if (progress.diverged) return `${plan?.metric.name} was beyond ${formatNumber(plan?.earlyStopping?.divergence ?? 0)}`
  return `${formatCount(progress.evaluationsWithoutImprovement, 'evaluation')} in a row brought no improvement`
}
