import { createReadStream } from 'node:fs'
import path from 'node:path'
import { isRefusal } from '../../errors/is-refusal.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { faultPoint } from '../../faults/fault-point.ts'
import type { Environment } from '../../history/environment-differences.ts'
import type { Journal } from '../../journal/journal.ts'
import { writeFileAtomically } from '../../storage/atomic-file.ts'
import { runStream, type Store } from '../../storage/store.ts'
import { verifyCheckpoint } from '../checkpoint-folder.ts'
import { claimRunName } from '../run-name.ts'
import { creationOf } from '../run-record.ts'
import type { RunSettings } from '../run-settings.ts'
import { ForkError } from './fork-error.ts'
import type { InheritedCheckpoint } from './inherited-checkpoint.ts'
import type { ParentRun } from './parent-run.ts'
import { inheritedName, removeUnbegun } from './unbegun-run.ts'

/** A fork that was checked, and that nothing stands in the way of. */
export interface CheckedFork {
  readonly parent: ParentRun
  readonly step: number
  readonly settings: RunSettings
  readonly environment: Environment
  readonly definitionFile: string | undefined
  readonly inherited: InheritedCheckpoint
}

/**
 * Gives a fork its name, its own copies of the tokenizer and the checkpoint, and then its first event: when that is there,
 * so are they. Until then there is no run, and whatever lies in its folder is removed by whoever begins one there.
 *
 * @throws ForkError when the files cannot be written, RunFolderError, JournalWriteError; nothing is left then
 */
export async function beginFork(
  journal: Journal,
  store: Store,
  fork: CheckedFork,
): Promise<TrainingEvent<'run.created'>> {
  const { parent, step, settings, environment, definitionFile, inherited } = fork
  const { run, version } = parent
  const { file: from, sha256, progress, metric } = inherited
  const { name, lock } = claimRunName(journal, store, settings.name)
  try {
    await removeUnbegun(store, name)
    await copyDurably(
      path.join(store.runFolder(run), 'tokenizer.json'),
      path.join(store.runFolder(name), 'tokenizer.json'),
    )
    const checkpoint = inheritedName(run, step)
    const file = path.join(store.checkpointFolder(name), `${checkpoint}.safetensors`)
    await copyDurably(from, file)
    await verifyCheckpoint(file, sha256)
    faultPoint('fork.inherited')
    const lineage = { run, version, step, checkpoint, uri: store.uriOf(file), sha256, metric, progress }
    const created = creationOf(name, settings, { environment, definitionFile, parent: lineage })
    const [recorded] = journal.append(runStream(name), [created], { expectedVersion: 'no-stream' })
    return recorded as TrainingEvent<'run.created'>
  } catch (error) {
    await removeUnbegun(store, name)
    if (!isRefusal(error)) throw error
    throw new ForkError(
      `The fork ${name} could not be written to ${store.runFolder(name)} (${error.message}); nothing is left of it: make room there, or check that its folder can be written to.`,
      { cause: error },
    )
  } finally {
    lock.release()
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await writeFileAtomically(to, async handle => {
    for await (const chunk of createReadStream(from)) await handle.writeFile(chunk as Buffer)
  })
}
