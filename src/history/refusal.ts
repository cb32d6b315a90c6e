import type { SnapshotFrom } from 'xstate'
import { isCaptured } from '../../machines/run-checkpoints.ts'
import type { trainerMachine } from '../../machines/trainer.ts'
import type { TrainerCommand } from '../../machines/trainer-context.ts'

/** Why the machine of a run refuses a command in the state that it is in, in a sentence; null where it accepts it. */
export function refusalOf(
  snapshot: SnapshotFrom<typeof trainerMachine>,
  command: TrainerCommand['type'],
): string | null {
  if (snapshot.can({ type: command })) return null
  const { value, context } = snapshot
  const couldSave = value === 'training' || value === 'evaluating' || value === 'paused'
  if (command === 'save' && couldSave && isCaptured(context)) {
    return `Step ${context.progress.step} is saved already, so "save" makes no sense now.`
  }
  return `The run is ${value}, so "${command}" makes no sense now.`
}
