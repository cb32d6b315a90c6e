import { trainerMachine } from '../../machines/trainer.ts'
import type { Journal } from '../journal/journal.ts'
import type { Account } from './account.ts'
import type { Attempt } from './attempts.ts'
import { environmentDifferences } from './environment-differences.ts'

/** One attempt at a run, and what became of it. */
export interface AttemptEnding {
  readonly attempt: number
  /** The step that it went on after, and the checkpoint, null where it began with the run. */
  readonly step: number
  readonly checkpoint: string | null
  /** The last step that it did. */
  readonly lastStep: number
  /** The state that it ended in: `killed` where it did not come to an end of its own. */
  readonly state: string
  /** The versions of its first and its last event. */
  readonly firstEvent: number
  readonly lastEvent: number
}

/**
 * What became of every attempt at a run.
 *
 * @param state that of the run, in which the last attempt stands
 */
export function attemptEndings(
  journal: Journal,
  stream: string,
  attempts: readonly Attempt[],
  state: string,
): AttemptEnding[] {
  return attempts.map(({ attempt, step, checkpoint, version, lastVersion }, index) => {
    const { snapshot } = journal.fold(stream, trainerMachine, { until: lastVersion })
    const ended = snapshot.hasTag('ended') ? snapshot.value : 'killed'
    return {
      attempt,
      step,
      checkpoint,
      lastStep: snapshot.context.progress.step,
      state: index === attempts.length - 1 ? state : ended,
      firstEvent: version,
      lastEvent: lastVersion,
    }
  })
}

/** Tells of all attempts but the last, a sentence each, and how the last began; of a run of one attempt nothing. */
export function tellAttempts(account: Account, endings: readonly AttemptEnding[], attempts: readonly Attempt[]): void {
  if (endings.length < 2) return
  for (const [index, ending] of endings.entries()) {
    const { attempt, firstEvent, lastStep, lastEvent } = ending
    const began = `Attempt ${attempt} ${beginning(ending)} (${account.event(firstEvent)})${elsewhere(attempts, index)}`
    if (index === endings.length - 1) account.say(`${began}; it is the one told of above.`)
    else account.say(`${began} and ${became(ending)} after step ${lastStep} (${account.event(lastEvent)}).`)
  }
}

function beginning({ step, checkpoint, attempt }: AttemptEnding): string {
  if (checkpoint !== null) return `went on from step ${step} with the checkpoint ${checkpoint}`
  return attempt === 1 ? 'began the run' : 'began again with the first step, for there was no checkpoint to go on from'
}

function became({ state }: AttemptEnding): string {
  if (state === 'killed') return 'was killed'
  return state === 'interrupted' ? 'was stopped on request' : state
}

function elsewhere(attempts: readonly Attempt[], index: number): string {
  const [before, now] = [attempts[index - 1], attempts[index]]
  if (before === undefined || now === undefined) return ''
  const differences = environmentDifferences(before.environment, now.environment)
  return differences.length === 0 ? '' : ` in another environment, so not bit by bit (${differences.join('; ')}),`
}
