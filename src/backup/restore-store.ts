import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { isNotThere } from '../errors/is-not-there.ts'
import { isRefusal } from '../errors/is-refusal.ts'
import { Journal } from '../journal/journal.ts'
import { Store } from '../storage/store.ts'
import { RestoreError } from './backup-errors.ts'
import { journalFaults } from './check-journal.ts'
import { copyFile } from './copy-file.ts'
import { type CopyOptions, type CopySummary, summaryOf } from './copy-summary.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { namedFiles } from './named-files.ts'
import { putInPlace } from './put-in-place.ts'

/**
 * Makes a store out of a backup. Everything is copied beside the store's place and checked there: every file against the
 * manifest, the database, every run's hash chain, and that all files that the journal names are there with the hashes
 * that it says. Only then it gets its place, at once and whole; until then, and when anything is wrong, there is nothing.
 *
 * A backup of an older version is brought up to date on the way, and a copy of its journal kept.
 *
 * @param backup the folder that {@link backupStore} made; it is only read
 * @param store the folder of the journal and the runs; there must be none, or an empty one
 * @throws RestoreError when the backup is damaged or not whole, or the store is there
 * @throws JournalOpenError when the backup is of a newer version
 *
 * @example
 * const { runs } = await restoreStore('/backups/monday', 'runs')
 */
export async function restoreStore(
  backup: string,
  store: string,
  { onProgress = () => {} }: CopyOptions = {},
): Promise<CopySummary> {
  const from = new Store(backup)
  const { folder } = new Store(store)
  const manifest = await readManifest(from.folder)
  await assertFree(folder)
  const temporary = new Store(`${folder}.${randomUUID()}.tmp`)
  try {
    await mkdir(temporary.folder, { recursive: true })
    const uris = [{ uri: from.uriOf(from.journalPath), ...manifest.journal }, ...manifest.files]
    for (const [index, file] of uris.entries()) {
      onProgress({ task: 'files', done: index, total: uris.length })
      await copyChecked(from, temporary, file)
    }
    onProgress({ task: 'checks', done: 0, total: 1 })
    checkContent(temporary, manifest, from.folder)
    await putInPlace(temporary.folder, folder)
    return summaryOf(folder, manifest)
  } catch (error) {
    await rm(temporary.folder, { recursive: true, force: true })
    if (!isRefusal(error)) throw error
    throw new RestoreError(
      `The backup could not be restored to ${folder} (${error.message}); nothing is left of it: make room there, or check that its folder can be written to.`,
      { cause: error },
    )
  }
}

async function assertFree(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  if (statSync(folder).isDirectory() && (await readdir(folder)).length === 0) return
  throw new RestoreError(
    `There is something at ${folder} already, which is left as it is; name another store, or move this one away.`,
  )
}

async function copyChecked(
  from: Store,
  to: Store,
  { uri, bytes, sha256 }: { uri: string; bytes: number; sha256: string },
): Promise<void> {
  const source = from.resolve(uri)
  const destination = to.resolve(uri)
  if (source === undefined || destination === undefined) throw damaged(from.folder, `${uri} leads out of it`)
  let copied: { bytes: number; sha256: string }
  try {
    copied = await copyFile(source, destination)
  } catch (error) {
    throw isNotThere(error) ? damaged(from.folder, `${uri} is missing`, error) : error
  }
  if (copied.bytes !== bytes) throw damaged(from.folder, `${uri} has ${copied.bytes} bytes instead of ${bytes}`)
  if (copied.sha256 !== sha256) throw damaged(from.folder, `the SHA-256 of ${uri} is not the one in its manifest`)
}

/** @throws RestoreError when the copied store is not sound in itself, whatever its manifest says */
function checkContent(store: Store, manifest: Manifest, backup: string): void {
  const journal = Journal.open(store.journalPath)
  try {
    const faults = journalFaults(journal)
    if (faults.length > 0) throw damaged(backup, faults.join('; '))
    const kept = new Map(manifest.files.map(({ uri, sha256 }) => [uri, sha256]))
    const lost = new Set(manifest.lost.map(({ uri }) => uri))
    for (const { uri, sha256 } of namedFiles(journal, store)) {
      const has = kept.get(uri)
      if (has === undefined && !lost.has(uri)) throw damaged(backup, `${uri}, which its journal names, is not in it`)
      if (has !== undefined && sha256 !== null && has !== sha256) {
        throw damaged(backup, `${uri} is not the file that its journal names`)
      }
    }
  } finally {
    journal.close()
  }
}

function damaged(backup: string, reason: string, cause?: unknown): RestoreError {
  return new RestoreError(
    `The backup ${backup} is damaged and was not restored: ${reason}; nothing was put in place. Restore another backup.`,
    { cause },
  )
}
