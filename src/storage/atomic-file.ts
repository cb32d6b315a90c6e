import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isNotThere } from '../errors/is-not-there.ts'
import { faultPoint } from '../faults/fault-point.ts'

/**
 * Writes a file so that its name never stands for half of it: a temporary file beside it is written, synced and
 * renamed, and the folder is synced so that the new name outlives a power cut. When `write` throws, nothing is left.
 * Two processes that write one path at once each write a file of their own; the later rename stands.
 *
 * @returns what `write` returns
 */
export async function writeFileAtomically<Result>(
  file: string,
  write: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const folder = path.dirname(file)
  await mkdir(folder, { recursive: true })
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    const handle = await open(temporary, 'wx+')
    let result: Result
    try {
      result = await write(handle)
      faultPoint('file.written')
      await handle.sync()
      faultPoint('file.synced')
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    faultPoint('file.renamed')
    await syncFolder(folder)
    return result
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The name that a temporary file was to get when it was whole, or undefined for any other file's name. */
export function intendedName(name: string): string | undefined {
  return /^(.+)\.[0-9a-f-]{36}\.tmp$/.exec(name)?.[1]
}

/** Removes what processes that were killed while they wrote `file` have left beside it; nobody may be writing it. */
export async function removeUnfinished(file: string): Promise<void> {
  const folder = path.dirname(file)
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if (isNotThere(error)) return
    throw error
  }
  const unfinished = names.filter(name => intendedName(name) === path.basename(file))
  for (const name of unfinished) await rm(path.join(folder, name), { force: true })
}

/** Removes a file; that there is none, or no folder that it could lie in, is no error. */
export async function removeFile(file: string): Promise<void> {
  try {
    await rm(file, { force: true })
  } catch (error) {
    if (!isNotThere(error)) throw error
  }
}

/** Makes the disk have a folder's names: what was made, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows neither needs this nor lets a folder be opened.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
