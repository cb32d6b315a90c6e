import { statSync } from 'node:fs'
import path from 'node:path'
import type { ArchivedChunk } from '../journal/archive/archived-chunk.ts'
import type { Journal } from '../journal/journal.ts'
import { JournalWriteError } from '../journal/journal-errors.ts'
import { isRunLocked, RunLock } from '../storage/run-lock.ts'
import { runStream, type Store } from '../storage/store.ts'

/** What was moved between the database and the archive. */
export interface ArchiveSummary {
  readonly run: string
  readonly events: number
  readonly files: number
  /** Of the files. */
  readonly bytes: number
  /** By how many bytes the journal's file has become smaller. */
  readonly freed: number
  /** Why the journal's file keeps its size, where it does: the next events take the room then. */
  readonly notice: string | null
}

/**
 * Moves a run's old step events from the journal to compressed files in the run's folder, and makes the journal smaller by
 * them, unless a run of the store is being trained: then the room is for the events to come.
 *
 * Everything is read as before: `verify`, `log`, `show`, a replay, a resume. Only it takes some milliseconds to unpack a
 * file. The run itself must not be trained meanwhile.
 *
 * @param options `before`: only what came before the first event of this moment or later; `onFile` is told of each file
 * @throws RunLockedError when the run is being trained, ArchiveError when a file cannot be written, JournalWriteError
 *
 * @example
 * const { events, freed } = archiveRun(journal, store, 'demo', { before: Date.parse('2026-11-01') })
 */
export function archiveRun(
  journal: Journal,
  store: Store,
  run: string,
  { before, onFile }: { before: number; onFile?: (chunk: ArchivedChunk) => void },
): ArchiveSummary {
  const folder = store.uriOf(path.join(store.runFolder(run), 'archive'))
  return moved(journal, store, run, () => journal.archive(runStream(run), { before, folder }), onFile)
}

/**
 * Brings a run's archived events back to the journal and removes the files.
 *
 * @param options `onFile` is told of each file whose events are back
 * @throws RunLockedError when the run is being trained, ArchiveDamagedError, JournalWriteError
 */
export function unarchiveRun(
  journal: Journal,
  store: Store,
  run: string,
  { onFile }: { onFile?: (chunk: ArchivedChunk) => void } = {},
): ArchiveSummary {
  return moved(journal, store, run, () => journal.unarchive(runStream(run)), onFile)
}

function moved(
  journal: Journal,
  store: Store,
  run: string,
  move: () => Iterable<ArchivedChunk>,
  onFile: ((chunk: ArchivedChunk) => void) | undefined,
): ArchiveSummary {
  const lock = new RunLock(store.runFolder(run), run)
  try {
    const size = statSync(journal.path).size
    let [events, files, bytes] = [0, 0, 0]
    for (const chunk of move()) {
      events += chunk.events
      files += 1
      bytes += chunk.bytes
      onFile?.(chunk)
    }
    const notice = files === 0 ? null : shrink(journal, store, run)
    return { run, events, files, bytes, freed: size - statSync(journal.path).size, notice }
  } finally {
    lock.release()
  }
}

/** @returns why it was not made smaller; what was moved is moved nevertheless */
function shrink(journal: Journal, store: Store, run: string): string | null {
  if (othersAreTrained(journal, store, run)) return 'The journal keeps its size, since another run is being trained.'
  try {
    journal.shrink()
    return null
  } catch (error) {
    if (!(error instanceof JournalWriteError)) throw error
    return `The journal keeps its size, since writing it anew failed: ${error.message}`
  }
}

function othersAreTrained(journal: Journal, store: Store, run: string): boolean {
  const prefix = runStream('')
  return journal
    .streams(prefix)
    .map(({ stream }) => stream.slice(prefix.length))
    .some(other => other !== run && isRunLocked(store.runFolder(other)))
}
