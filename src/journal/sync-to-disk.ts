import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Waits until the disk has all of a file. */
export function syncFile(file: string): void {
  sync(file, 'r+')
}

/** Waits until the disk has a folder's names: what was made, renamed or removed in it. */
export function syncFolder(folder: string): void {
  // Windows neither needs this nor lets a folder be opened.
  if (process.platform !== 'win32') sync(folder, 'r')
}

function sync(name: string, access: 'r' | 'r+'): void {
  const handle = openSync(name, access)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
