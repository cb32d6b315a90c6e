import type { TrainingData, TrainingFact } from '../src/events/training-events.ts'
import {
  beginning,
  type CheckpointRecord,
  type Progress,
  type TrainerCommand,
  type TrainerContext,
} from './trainer-context.ts'

function savedCheckpoints({ checkpoints }: TrainerContext): TrainerContext['checkpoints'] {
  return Object.fromEntries(Object.entries(checkpoints).filter(([, record]) => record.uri !== null))
}

/** The checkpoint that an event is about, or undefined where it is about none that there is. */
export function namedCheckpoint(
  { checkpoints }: TrainerContext,
  event: TrainingFact | TrainerCommand,
): CheckpointRecord | undefined {
  return 'data' in event && 'checkpoint' in event.data ? checkpoints[String(event.data.checkpoint)] : undefined
}

/** Whether a checkpoint was captured of which it is not known yet whether it is saved. At most one is at a time. */
export function isWriting({ checkpoints }: TrainerContext): boolean {
  return Object.values(checkpoints).some(({ uri }) => uri === null)
}

/** Whether the state after the current step is in a checkpoint, or on its way into one. */
export function isCaptured({ checkpoints, progress }: TrainerContext): boolean {
  return Object.values(checkpoints).some(({ step }) => step === progress.step)
}

/**
 * What is left of the checkpoints when the run goes on from a step: those beyond it were found damaged, and what was
 * not saved by then never will be.
 */
export function checkpointsAfterResume(context: TrainerContext, step: number): TrainerContext['checkpoints'] {
  return Object.fromEntries(Object.entries(savedCheckpoints(context)).filter(([, record]) => record.step <= step))
}

/**
 * The progress to go on from: that of a saved checkpoint, or the beginning; undefined where there is no such one. A fork
 * has no beginning of its own.
 */
export function resumePoint(context: TrainerContext, checkpoint: string | null): Progress | undefined {
  if (checkpoint !== null) return savedCheckpoints(context)[checkpoint]?.progress
  return context.parent === null ? beginning : undefined
}

/** What a fork has of its parent before its own first step: how far it had come, and a checkpoint of that. */
export function inheritance({
  run,
  step,
  checkpoint,
  ...file
}: NonNullable<TrainingData<'run.created'>['parent']>): Pick<TrainerContext, 'parent' | 'progress' | 'checkpoints'> {
  const { progress, uri, sha256, metric } = file
  const record: CheckpointRecord = { step, reason: 'inherited', uri, sha256, metric, progress }
  return { parent: { run, step }, progress, checkpoints: { [checkpoint]: record } }
}
