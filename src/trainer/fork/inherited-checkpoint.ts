import { copyFile } from 'node:fs/promises'
import type { CheckpointRecord, Progress } from '../../../machines/trainer-context.ts'
import { ChronogradError } from '../../errors/chronograd-error.ts'
import { isNotThere } from '../../errors/is-not-there.ts'
import type { Store } from '../../storage/store.ts'
import { verifyCheckpoint } from '../checkpoint-folder.ts'
import { checkpointAt } from '../re-execution/checkpoint-at.ts'
import type { ReexecutionOptions } from '../re-execution/re-execution-options.ts'
import type { RunDefinition } from '../run-definition.ts'
import type { ParentRun } from './parent-run.ts'

/** The state that a fork begins from, in a file of its own. */
export interface InheritedCheckpoint {
  readonly file: string
  readonly sha256: string
  readonly progress: Progress
  /** The metric of the parent's evaluation after the step, where there was one. */
  readonly metric: number | null
}

/**
 * Puts the parent's state after a step into `file`: copies its checkpoint where it has one that is whole, and does the
 * steps since the nearest one before it again where it has not.
 *
 * @throws ReexecutionError when the step cannot be done again, or came out otherwise than it was logged
 */
export async function inheritCheckpoint(
  definition: RunDefinition,
  parent: ParentRun,
  step: number,
  file: string,
  { store, options }: { store: Store; options: ReexecutionOptions },
): Promise<InheritedCheckpoint> {
  const { onNotice = () => {} } = options
  const saved = Object.values(parent.checkpoints).find(record => record.step === step && record.uri !== null)
  if (saved !== undefined) {
    try {
      return await copied(saved, store, file)
    } catch (error) {
      // It is damaged, of which is told below; or it has just been removed, where the parent is being trained.
      if (!(error instanceof ChronogradError || isNotThere(error))) throw error
    }
  }
  const lack = saved === undefined ? 'no checkpoint' : 'no whole checkpoint'
  onNotice(
    `The run ${parent.run} has ${lack} at step ${step}, so the steps since the nearest one are done again and compared with its log.`,
  )
  const { sha256, progress, metric } = await checkpointAt(definition, { ...options, run: parent.run, step, file })
  return { file, sha256, progress: { ...progress, capturedAt: step }, metric }
}

/** @throws ChronogradError when it is not the one that was saved */
async function copied(
  { uri, sha256, progress, metric }: CheckpointRecord,
  store: Store,
  file: string,
): Promise<InheritedCheckpoint> {
  const original = uri === null ? undefined : store.resolve(uri)
  if (original === undefined || sha256 === null) {
    throw new ChronogradError(`The log names a checkpoint outside the store (${uri}).`)
  }
  await verifyCheckpoint(original, sha256)
  await copyFile(original, file)
  return { file, sha256, progress, metric }
}
