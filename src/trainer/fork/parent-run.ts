import { trainerMachine } from '../../../machines/trainer.ts'
import type { Plan, TrainerContext } from '../../../machines/trainer-context.ts'
import { readAttempts, timelineOf } from '../../history/attempts.ts'
import type { Environment } from '../../history/environment-differences.ts'
import { firstFrom, stepTypes } from '../../history/find-step.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import { createdSettings } from '../run-record.ts'
import type { RunSettings } from '../run-settings.ts'
import { ForkError } from './fork-error.ts'

/** A run as somebody sees it who forks it at one of its steps. */
export interface ParentRun {
  readonly run: string
  /** With the epochs of the attempt that went on after the step. */
  readonly settings: RunSettings
  readonly plan: Plan
  /** Where the step was computed. */
  readonly environment: Environment
  readonly checkpoints: TrainerContext['checkpoints']
  /** The version of the event that completed the step. */
  readonly version: number
}

/**
 * Reads what a fork needs to know of its parent.
 *
 * @throws ResumeError when there is no such run
 * @throws ForkError when its current timeline has no such step
 */
export function parentRun(journal: Journal, run: string, step: number): ParentRun {
  const settings = createdSettings(journal, run)
  const stream = runStream(run)
  const { checkpoints, plan, progress, parent } = journal.fold(stream, trainerMachine).snapshot.context
  const first = (parent?.step ?? 0) + 1
  if (plan === null || progress.step < first) {
    throw new ForkError(`The run ${run} has no step yet, so there is nothing to fork; begin a new run.`)
  }
  const timeline = timelineOf(readAttempts(journal, stream))
  const part = timeline.find(({ until }) => step <= until)
  if (!Number.isInteger(step) || step < first || step > progress.step || part === undefined) {
    throw new ForkError(`The run ${run} has the steps ${first} to ${progress.step}, so it cannot be forked at ${step}.`)
  }
  const fact = firstFrom(journal, stream, part, step, stepTypes)
  if (fact?.data.step !== step) {
    throw new ForkError(`The log of ${run} has no step ${step}; \`verify\` looks into it.`)
  }
  // An attempt may have gone on from this step for other epochs than the one that did it.
  const { epochs } = (timeline.find(({ until }) => step < until) ?? part).plan
  const { environment } = part
  return { run, settings: { ...settings, epochs }, plan, environment, checkpoints, version: fact.version }
}
