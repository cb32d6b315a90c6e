import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { describeError } from '../errors/chronograd-error.ts'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { RestoreError } from './backup-errors.ts'

const manifestFile = 'manifest.json'

const copiedFile = {
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
}

const manifestSchema = z.strictObject({
  format: z.literal('chronograd-backup'),
  /** Of this format: a backup with a higher one was made by a later Chronograd. */
  version: z.literal(1),
  /** When it was begun, as ISO 8601 in UTC. */
  createdAt: z.string(),
  journal: z.strictObject({ ...copiedFile, runs: z.int().nonnegative(), events: z.int().nonnegative() }),
  /** The files beside the journal, each under its path below the store's folder. */
  files: z.array(z.strictObject({ uri: z.string().min(1), ...copiedFile })),
  /** Files that the journal names and that were missing or damaged when the backup was made. */
  lost: z.array(z.strictObject({ uri: z.string().min(1), reason: z.string() })),
})

/** What a backup holds, with the hash of every file. */
export type Manifest = z.infer<typeof manifestSchema>

/** Writes a backup's manifest: the last of its files, so that there is none where the backup is not whole. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await writeFileAtomically(path.join(folder, manifestFile), handle => writeFile(handle, text))
}

/** @throws RestoreError when there is none, or it is not one */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, manifestFile)
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error)
    throw new RestoreError(
      `The folder ${folder} is no backup that can be restored, for its manifest ${manifestFile} cannot be read (${reason}); name a folder that \`chronograd backup\` has made.`,
      { cause: error },
    )
  }
}
