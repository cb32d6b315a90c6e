import type { CommandName } from '../../answers/commands.ts'
import type { LiveEvents } from '../../answers/live.ts'
import type { LoggedEvent } from '../../answers/logged-events.ts'

/** What is said of a command while its fact is waited for, and of the fact. */
export interface CommandWords {
  readonly label: string
  readonly underWay: string
  readonly done: string
}

export const commandWords: Readonly<Record<CommandName, CommandWords>> = {
  pause: { label: 'Pause', underWay: 'Pausing after the current step …', done: 'Paused' },
  continue: { label: 'Continue', underWay: 'Going on …', done: 'Continued' },
  evaluate: { label: 'Evaluate', underWay: 'Evaluating after the current step …', done: 'Evaluation begun' },
  save: { label: 'Save checkpoint', underWay: 'Saving after the current step …', done: 'Checkpoint captured' },
  stop: { label: 'Stop …', underWay: 'Saving after the current step, and ending …', done: 'Stopped' },
}

const endings: ReadonlySet<string> = new Set(['run.completed', 'run.early-stopped', 'run.interrupted', 'run.failed'])

/** The fact that tells what came of a command; undefined where it is not among the events. */
export function factOf(command: CommandName, events: LiveEvents): LoggedEvent | undefined {
  return events.find(({ type, data }) => {
    switch (command) {
      case 'pause':
        return type === 'run.paused'
      case 'continue':
        return type === 'run.continued'
      case 'evaluate':
        return type === 'evaluation.started' && (data as { reason?: unknown }).reason === 'requested'
      case 'save':
        return type === 'checkpoint.captured'
      default:
        return type === 'run.interrupted'
    }
  })
}

/** Whether a run has ended, so that nothing comes any more of what it was asked for. */
export function isOver(events: LiveEvents): boolean {
  return events.some(({ type }) => endings.has(type))
}
