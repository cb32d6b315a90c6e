import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TensorflowSetupError } from './setup-error.ts'

/**
 * The path of the one file in a folder.
 *
 * @throws TensorflowSetupError where there is none, or more than one
 */
export async function onlyFile(folder: string): Promise<string> {
  const [name, ...others] = await readdir(folder)
  if (name === undefined || others.length > 0) {
    throw new TensorflowSetupError(`One archive was asked for, and ${others.length + (name ? 1 : 0)} files came.`)
  }
  return join(folder, name)
}
