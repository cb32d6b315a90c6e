import type { MomentAnswer } from '../../answers/run.ts'
import { asWords, formatCount } from '../parts/format.ts'
import { isOver } from '../parts/is-over.ts'

/** One of those who work on a run, as the log tells it. */
export interface ActorStanding {
  readonly actor: string
  /** A state of its machine. */
  readonly state: string
  readonly told: string
}

/**
 * How the actors of an attempt stood at a moment. The log has what each of them did; of a worker it follows from the
 * lifecycle's state: the lifecycle gives work to one of them at a time.
 */
export function actorsAt({ state, context, evaluation }: MomentAnswer): ActorStanding[] {
  const worker = (isWorking: boolean) => (isOver(state) ? 'stopped' : isWorking ? 'working' : 'idle')
  const { step } = context.progress
  const inWriting = Object.values(context.checkpoints).find(({ uri }) => uri === null)
  const saved = Object.values(context.checkpoints).findLast(({ uri }) => uri !== null)
  return [
    {
      actor: 'trainer',
      state: asWords(state),
      told: context.attempt === 0 ? 'not begun' : `attempt ${context.attempt}`,
    },
    {
      actor: 'loop',
      state: worker(state === 'training'),
      told: step === 0 ? 'no step done' : `${formatCount(step)} ${step === 1 ? 'step' : 'steps'} done`,
    },
    {
      actor: 'evaluation',
      state: worker(state === 'evaluating'),
      told: evaluation === null ? 'none done' : `the last at step ${formatCount(evaluation.step)}`,
    },
    inWriting === undefined
      ? {
          actor: 'checkpoint',
          state: saved === undefined ? 'none' : 'saved',
          told: saved === undefined ? 'none was captured' : `that of step ${formatCount(saved.step)}`,
        }
      : {
          actor: 'checkpoint',
          state: 'writing',
          told: `that of step ${formatCount(inWriting.step)} (${inWriting.reason})`,
        },
  ]
}
