import { existsSync } from 'node:fs'
import path from 'node:path'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream, type Store } from '../storage/store.ts'

/** A file that a store's runs need beside the journal. */
export interface NamedFile {
  /** Its path below the store's folder. */
  readonly uri: string
  /** What it must hash to, where the journal says so. */
  readonly sha256: string | null
}

/**
 * The files without which the runs of a journal cannot go on as they would have: every checkpoint that is kept, the
 * events that were archived, and the tokenizers that lie in `store`. Pictures, plots and whatever else lies there can be made again and are left out.
 */
export function namedFiles(journal: Journal, store: Store): NamedFile[] {
  const prefix = runStream('')
  const archived = journal.archivedChunks().map(({ uri, sha256 }) => ({ uri, sha256 }))
  const ofRuns = journal.streams(prefix).flatMap(({ stream }) => {
    const { checkpoints } = journal.fold(stream, trainerMachine).snapshot.context
    const saved = Object.values(checkpoints).flatMap(({ uri, sha256 }) => (uri === null ? [] : [{ uri, sha256 }]))
    const tokenizer = path.join(store.runFolder(stream.slice(prefix.length)), 'tokenizer.json')
    return existsSync(tokenizer) ? [...saved, { uri: store.uriOf(tokenizer), sha256: null }] : saved
  })
  return [...archived, ...ofRuns]
}
