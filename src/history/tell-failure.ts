import type { TrainerContext } from '../../machines/trainer-context.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { type Account, counted } from './account.ts'
import type { Turns } from './turns.ts'

/** How many diagnoses are told, the latest. */
const mostDiagnoses = 3

/** Whether a run failed because its numbers did, which a resume cannot help, or by another error. */
export type FailureReason = 'non-finite' | 'error'

/** Tells which error ended a run, and what had gone before. */
export function tellFailure(
  account: Account,
  journal: Journal,
  { context, turns }: { context: TrainerContext; turns: Turns },
): FailureReason {
  const { created, ended, diagnoses } = turns
  if (ended?.type !== 'run.failed') return 'error'
  const { error, step } = ended.data
  const when = context.attempt === 0 ? 'while its data was made ready, before its first step' : `after step ${step}`
  account.say(`${created.data.name} failed ${when} (${account.event(ended.version)}).`)
  account.say(`The error was ${error.name === 'Error' ? '' : `${error.name}: `}${error.message.replace(/\.?$/, '.')}`)
  const skipped = context.progress.stepsSkippedInARow
  const isDivergence = error.name === 'DivergedError' && skipped > 0
  if (isDivergence) {
    const rows = lastSkipped(journal, ended.stream, ended.version, skipped)
    const [first, last] = [rows[0], rows.at(-1)]
    if (first !== undefined && last !== undefined) {
      const steps = first === last ? `step ${last.data.step}` : `steps ${first.data.step} to ${last.data.step}`
      account.say(
        `In ${steps} (${account.events(first.version, last.version)}) loss or gradients were not finite, so the weights were left as they were: ${skipped} in a row, and maximumSkippedInARow allows no more.`,
      )
    }
  }
  for (const { version, data } of diagnoses.filter(({ data }) => data.severity !== 'notice').slice(-mostDiagnoses)) {
    account.say(`The diagnostics had raised ${data.code} at step ${data.step} (${account.event(version)}).`)
  }
  if (!isDivergence) return 'error'
  account.say(
    `Training is deterministic, so a resume would come to the same ${counted(skipped, 'step')}; begin a new run, or fork this one from before them, with what the error advises.`,
  )
  return 'non-finite'
}

/** The steps that were skipped last before a version, oldest first. */
function lastSkipped(journal: Journal, stream: string, until: number, count: number): TrainingEvent<'step.skipped'>[] {
  const events = journal.read({ stream, until, types: ['step.skipped'], backwards: true, limit: count })
  return [...(events as Iterable<TrainingEvent<'step.skipped'>>)].reverse()
}
