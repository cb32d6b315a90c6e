import type { LostFile } from './file-collection.ts'
import type { Manifest } from './manifest.ts'

/** What a backup or a restoration is at. */
export interface CopyProgress {
  /** `files` are counted one by one, `journal` in pages; of `checks` only is told that they have begun. */
  readonly task: 'files' | 'journal' | 'checks'
  readonly done: number
  readonly total: number
}

export interface CopyOptions {
  readonly onProgress?: (progress: CopyProgress) => void
}

/** What is in a backup, or was restored from one. */
export interface CopySummary {
  readonly folder: string
  readonly runs: number
  readonly events: number
  /** Beside the journal. */
  readonly files: number
  /** Of the files and the journal. */
  readonly bytes: number
  /** Files that the journal names and that were missing or damaged when the backup was made. */
  readonly lost: readonly LostFile[]
}

export function summaryOf(folder: string, { journal, files, lost }: Manifest): CopySummary {
  const bytes = files.reduce((sum, file) => sum + file.bytes, journal.bytes)
  return { folder, runs: journal.runs, events: journal.events, files: files.length, bytes, lost }
}
