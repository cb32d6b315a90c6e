import { rm } from 'node:fs/promises'
import { hashFile } from '../../storage/hash-file.ts'
import type { PinnedFile } from './pinned-files.ts'
import { TensorflowSetupError } from './setup-error.ts'

/** Thrown when a file is not the one that is pinned; it is gone. */
export class WrongFileError extends TensorflowSetupError {}

/** @throws WrongFileError if the file at `path` is not the one that is pinned; it is removed */
export async function assertPinned(path: string, { file, bytes, sha256 }: PinnedFile): Promise<void> {
  const found = await hashFile(path)
  if (found.sha256 === sha256) return
  await rm(path)
  throw new WrongFileError(
    `The file ${file} is not the one that Chronograd knows, and was removed: its ${found.bytes} bytes have the SHA-256 ${found.sha256}, and ${sha256} is right, of ${bytes} bytes. If setting up again does not help, look where npm and pip fetch from.`,
  )
}
