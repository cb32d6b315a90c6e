import type { Progress, TrainerContext } from '../../machines/trainer.ts'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import { StateMismatchError } from '../learning/match-arrays.ts'
import type { Store } from '../storage/store.ts'
import type { CheckpointManager } from './checkpoint-manager.ts'

/** Where a run goes on. */
export interface ResumePoint {
  readonly checkpoint: string | null
  readonly step: number
}

/**
 * Loads the latest checkpoint that is whole, and says where training goes on: from its step, or from the beginning
 * where there is none.
 *
 * @param onDamaged is told of every checkpoint that had to be passed over
 * @throws StateMismatchError when a checkpoint is whole but of another model
 */
export async function loadResumePoint(
  { checkpoints }: Pick<TrainerContext, 'checkpoints'>,
  manager: CheckpointManager,
  store: Store,
  onDamaged: (sentence: string) => void,
): Promise<ResumePoint> {
  const saved = Object.entries(checkpoints)
    .filter(([, { uri }]) => uri !== null)
    .sort(([, one], [, other]) => other.step - one.step)
  for (const [checkpoint, { uri, sha256, progress }] of saved) {
    try {
      await load(manager, store, { uri, sha256, progress })
      return { checkpoint, step: progress.step }
    } catch (error) {
      if (!(error instanceof ChronogradError) || error instanceof StateMismatchError) throw error
      onDamaged(`The checkpoint ${checkpoint} is passed over: ${describeError(error)}`)
    }
  }
  if (saved.length > 0) onDamaged('No checkpoint is whole, so training begins again from the first step.')
  return { checkpoint: null, step: 0 }
}

async function load(
  manager: CheckpointManager,
  store: Store,
  { uri, sha256, progress }: { uri: string | null; sha256: string | null; progress: Progress },
): Promise<void> {
  const file = uri === null ? undefined : store.resolve(uri)
  if (file === undefined || sha256 === null) {
    throw new ChronogradError(`The log names a checkpoint outside the store (${uri}).`)
  }
  const state = await manager.loadCheckpoint(file, { sha256 })
  if (state.globalStep !== progress.step) {
    throw new ChronogradError(`The checkpoint ${file} is of step ${state.globalStep}, not ${progress.step}.`)
  }
}
