import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { isNotThere } from '../../errors/is-not-there.ts'
import { intendedName, removeFile, removeUnfinished } from '../../storage/atomic-file.ts'
import type { Store } from '../../storage/store.ts'

/** What a fork calls the checkpoint of its parent that it begins from: unlike any that it saves itself. */
export function inheritedName(run: string, step: number): string {
  return `step-${String(step).padStart(7, '0')}-of-${run}`
}

/**
 * Removes what lies in the folder of a run that is not in the journal yet and would be taken for its own: a tokenizer, and
 * checkpoints that a fork had inherited before its process was killed. The run must be locked.
 */
export async function removeUnbegun(store: Store, run: string): Promise<void> {
  const tokenizer = path.join(store.runFolder(run), 'tokenizer.json')
  await removeUnfinished(tokenizer)
  await removeFile(tokenizer)
  const folder = store.checkpointFolder(run)
  for (const name of await namesIn(folder)) {
    if (/^step-\d+-of-.+\.safetensors$/.test(intendedName(name) ?? name)) await removeFile(path.join(folder, name))
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isNotThere(error)) return []
    throw error
  }
}
