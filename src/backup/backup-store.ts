import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isRefusal } from '../errors/is-refusal.ts'
import { Journal } from '../journal/journal.ts'
import { hashFile } from '../storage/hash-file.ts'
import { runStream, Store } from '../storage/store.ts'
import { BackupError } from './backup-errors.ts'
import { journalFaults } from './check-journal.ts'
import { copyJournal } from './copy-journal.ts'
import { type CopyOptions, type CopyProgress, type CopySummary, summaryOf } from './copy-summary.ts'
import { FileCollection } from './file-collection.ts'
import { type Manifest, writeManifest } from './manifest.ts'
import { namedFiles } from './named-files.ts'
import { putInPlace } from './put-in-place.ts'

/** How often the journal is copied again because checkpoints that it names went while they were copied. */
const roundsAtMost = 20

/**
 * Copies a whole store to a new folder, also while runs are trained in it: the journal as it is at one moment, and every
 * file that it names at that moment, each compared with the hash in the log. The journal's copy is checked as
 * {@link restoreStore} will check it, so that a backup that was made can be restored.
 *
 * The folder appears when it is whole and on the disk. Training is neither stopped nor slowed beyond the reading.
 *
 * @param store the folder of the journal and the runs
 * @param destination the folder to make; there must be none
 * @throws BackupError when the destination is there or lies in the store, or the journal is damaged
 * @throws JournalOpenError when there is no journal, or it is of another version
 *
 * @example
 * const { runs, bytes, lost } = await backupStore('runs', '/backups/monday')
 */
export async function backupStore(
  store: string,
  destination: string,
  { onProgress = () => {} }: CopyOptions = {},
): Promise<CopySummary> {
  const createdAt = new Date().toISOString()
  const source = new Store(store)
  const folder = path.resolve(destination)
  if (source.resolve(folder) !== undefined || folder === source.folder) {
    throw new BackupError(
      `The backup ${folder} would lie in the store itself; name a folder outside of ${source.folder}.`,
    )
  }
  if (existsSync(folder))
    throw new BackupError(`There is something at ${folder} already; name a folder that is not there.`)
  const temporary = new Store(`${folder}.${randomUUID()}.tmp`)
  try {
    const collection = await collect(source, temporary, onProgress)
    onProgress({ task: 'checks', done: 0, total: 1 })
    const { runs, events } = await checkedCounts(temporary)
    const journal = { ...(await hashFile(temporary.journalPath)), runs, events }
    const { files, lost } = collection
    const manifest: Manifest = { format: 'chronograd-backup', version: 1, createdAt, journal, files, lost }
    await writeManifest(temporary.folder, manifest)
    await putInPlace(temporary.folder, folder)
    return summaryOf(folder, manifest)
  } catch (error) {
    await rm(temporary.folder, { recursive: true, force: true })
    if (!isRefusal(error)) throw error
    throw new BackupError(
      `The backup ${folder} could not be made (${error.message}); nothing is left of it: make room there, or check that its folder can be written to.`,
      { cause: error },
    )
  }
}

/** The journal as it is at one moment, and all the files that it names then. */
async function collect(
  source: Store,
  copy: Store,
  onProgress: (progress: CopyProgress) => void,
): Promise<FileCollection> {
  const collection = new FileCollection(source, copy)
  const bringTo = async (journal: string) => {
    const named = await withReader(journal, reader => namedFiles(reader, source))
    return await collection.bringTo(named, (done, total) => onProgress({ task: 'files', done, total }))
  }
  // Most files first, since that takes longest: what is new or gone since then is a round away.
  await bringTo(source.journalPath)
  await mkdir(copy.folder, { recursive: true })
  for (let round = 0; round < roundsAtMost; round++) {
    await rm(copy.journalPath, { force: true })
    await copyJournal(source.journalPath, copy.journalPath, (done, total) =>
      onProgress({ task: 'journal', done, total }),
    )
    if (await bringTo(copy.journalPath)) return collection
  }
  throw new BackupError(
    `The checkpoints of ${source.folder} were deleted ${roundsAtMost} times while they were copied; try again when less is trained, or let the runs keep more checkpoints.`,
  )
}

/** @throws BackupError when the copied journal is damaged, as the original must be then */
async function checkedCounts({ journalPath }: Store): Promise<{ runs: number; events: number }> {
  return await withReader(journalPath, journal => {
    const faults = journalFaults(journal)
    if (faults.length > 0) throw damaged(faults)
    return { runs: journal.streams(runStream('')).length, events: journal.head }
  })
}

function damaged(faults: readonly string[]): BackupError {
  return new BackupError(
    `The journal is damaged, so no backup of it was made (${faults.join('; ')}); copy the store's folder as it is, and restore an earlier backup.`,
  )
}

async function withReader<Result>(file: string, use: (journal: Journal) => Result): Promise<Result> {
  const journal = Journal.open(file, { readOnly: true })
  try {
    return use(journal)
  } finally {
    journal.close()
  }
}
