import { createReadStream } from 'node:fs'
import type { Progress } from '../../../machines/trainer-context.ts'
import { ChronogradError, describeError } from '../../errors/chronograd-error.ts'
import { writeFileAtomically } from '../../storage/atomic-file.ts'
import type { Store } from '../../storage/store.ts'
import { verifyCheckpoint } from '../checkpoint-folder.ts'
import { checkpointAt } from '../re-execution/checkpoint-at.ts'
import type { ReexecutionOptions } from '../re-execution/re-execution-options.ts'
import type { RunDefinition } from '../run-definition.ts'
import type { ParentRun } from './parent-run.ts'

/** The state that a fork begins from, in a file of its own. */
export interface InheritedCheckpoint {
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
  const { uri = null, sha256 = null } = saved ?? {}
  const original = uri === null ? undefined : store.resolve(uri)
  if (saved !== undefined && original !== undefined && sha256 !== null) {
    try {
      await writeFileAtomically(file, async handle => {
        for await (const chunk of createReadStream(original)) await handle.writeFile(chunk as Buffer)
      })
      await verifyCheckpoint(file, sha256)
      return { sha256, progress: saved.progress, metric: saved.metric }
    } catch (error) {
      const gone = error instanceof Error && 'code' in error
      if (!(gone || error instanceof ChronogradError)) throw error
      onNotice(`The checkpoint of ${parent.run} at step ${step} is passed over: ${describeError(error)}`)
    }
  }
  onNotice(`The run ${parent.run} has no checkpoint at step ${step}, so what leads to it is done again and compared.`)
  const remade = await checkpointAt(definition, { ...options, run: parent.run, step, file })
  return { sha256: remade.sha256, progress: { ...remade.progress, capturedAt: step }, metric: remade.metric }
}
