import { readdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '../storage/atomic-file.ts'

/** Gives a folder that is whole its name, under which nobody has seen a part of it, and makes the disk have that. */
export async function putInPlace(temporary: string, folder: string): Promise<void> {
  await syncFolders(temporary)
  await rename(temporary, folder)
  await syncFolder(path.dirname(folder))
}

async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolders(path.join(folder, entry.name))
  }
  await syncFolder(folder)
}
