import type { SnapshotFrom } from 'xstate'
import type { trainerMachine } from '../../machines/trainer.ts'

/**
 * How a run stands: the machine's state, or, of a run that its log calls unfinished and no process holds, `killed`; `forked`
 * where it is a fork that nobody has trained yet.
 *
 * @param isTrained whether a process holds the run
 */
export function standingOf(snapshot: SnapshotFrom<typeof trainerMachine>, isTrained: boolean): string {
  if (isTrained || snapshot.hasTag('ended')) return snapshot.value
  return snapshot.value === 'idle' && snapshot.context.parent !== null ? 'forked' : 'killed'
}

/** Whether `resume` goes on with a run that stands so. */
export function isResumable(standing: string): boolean {
  return ['interrupted', 'killed', 'failed', 'forked'].includes(standing)
}
