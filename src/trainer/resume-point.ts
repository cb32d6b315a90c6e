import type { CheckpointRecord, TrainerContext } from '../../machines/trainer-context.ts'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import type { Store } from '../storage/store.ts'
import { CheckpointMismatchError } from './checkpoint-errors.ts'
import type { CheckpointManager } from './checkpoint-manager.ts'
import { isBetter } from './retention.ts'
import { ResumeError } from './trainer-errors.ts'

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
 * @throws CheckpointMismatchError when a checkpoint is whole but of another model
 * @throws ResumeError when none is whole in a fork, which has no first step of its own to begin again from
 */
export async function loadResumePoint(
  { checkpoints, parent }: Pick<TrainerContext, 'checkpoints' | 'parent'>,
  manager: CheckpointManager,
  store: Store,
  onDamaged: (sentence: string) => void,
): Promise<ResumePoint> {
  const saved = Object.entries(checkpoints)
    .filter(([, { uri }]) => uri !== null)
    .sort(([, one], [, other]) => other.step - one.step)
  for (const [index, [checkpoint, { uri, sha256, progress }]] of saved.entries()) {
    try {
      await loadRecorded(manager, store, { uri, sha256, progress })
      if (index > 0) onDamaged(`Training goes on from ${checkpoint}, the newest that is whole.`)
      return { checkpoint, step: progress.step }
    } catch (error) {
      const ofAnotherModel = error instanceof CheckpointMismatchError && !error.damaged
      if (!(error instanceof ChronogradError) || ofAnotherModel) throw error
      onDamaged(`The checkpoint ${checkpoint} is passed over: ${describeError(error)}`)
    }
  }
  if (parent !== null) {
    throw new ResumeError(
      `No checkpoint of this fork is whole, not even the one that it began from; fork ${parent.run} at step ${parent.step} again.`,
    )
  }
  if (saved.length > 0) onDamaged('No checkpoint is whole, so training begins again from the first step.')
  return { checkpoint: null, step: 0 }
}

/**
 * Brings back the best checkpoint that is kept, by the plan's metric; of equally good ones the earliest.
 *
 * @returns its name, or undefined where none was measured or it is where the run stands already
 * @throws ChronogradError when its file is damaged; the model is then as it was
 */
export async function loadBest(
  { checkpoints, plan, progress }: Pick<TrainerContext, 'checkpoints' | 'plan' | 'progress'>,
  manager: CheckpointManager,
  store: Store,
): Promise<string | undefined> {
  let best: readonly [name: string, record: CheckpointRecord] | undefined
  for (const [name, record] of Object.entries(checkpoints).sort(([, one], [, other]) => one.step - other.step)) {
    const metric = record.uri === null ? null : record.metric
    if (isBetter(metric ?? Number.NaN, best?.[1].metric ?? null, plan?.metric.better ?? 'higher')) best = [name, record]
  }
  if (best === undefined || best[1].step === progress.step) return undefined
  await loadRecorded(manager, store, best[1])
  return best[0]
}

/**
 * Loads a checkpoint that the log tells of.
 *
 * @throws ChronogradError when it is not the one that was saved; everything is then as it was
 */
export async function loadRecorded(
  manager: CheckpointManager,
  store: Store,
  { uri, sha256, progress }: Pick<CheckpointRecord, 'uri' | 'sha256' | 'progress'>,
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
