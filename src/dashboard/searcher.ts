import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { albumFile, featuresFile, isInStore } from '../search/kept-files.ts'
import { runStream, type Store } from '../storage/store.ts'

/** A checkpoint that a text can be searched with: it is there, and so is what it made of the validation pictures. */
export interface Searcher {
  readonly checkpoint: string
  readonly step: number
  readonly checkpointSha256: string
}

/** The hash of the data that a run is measured on; undefined where there is none, or none known yet. */
export function validationHash(journal: Journal, run: string): string | undefined {
  const [started] = journal.readPage({ stream: runStream(run), types: ['run.started'] }, 1)
  const sha256 = (started as TrainingEvent<'run.started'> | undefined)?.data.data.validation?.sha256
  return sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined
}

/** The file of the small pictures of some data, where there is one. */
export function albumOf(store: Store, dataSha256: string): string | undefined {
  const file = albumFile(store, dataSha256)
  return isInStore(store, file) ? file : undefined
}

/**
 * What a run can be searched with as it stood after an event: of the checkpoints that it had then and still has, the best,
 * or else the latest. Files are called by hashes and never by a name of the log's, and count only where they really lie in
 * the store.
 *
 * @returns a sentence on why nothing can, and what to do about it, where that is so
 */
export function findSearcher(
  journal: Journal,
  store: Store,
  run: string,
  { dataSha256, version }: { readonly dataSha256: string | undefined; readonly version: number | undefined },
): Searcher | string {
  if (dataSha256 === undefined) return 'This run has no validation pictures that could be searched.'
  const stream = runStream(run)
  const then = journal.fold(stream, trainerMachine, version === undefined ? {} : { until: version }).snapshot.context
  const now = journal.fold(stream, trainerMachine).snapshot.context
  const saved = Object.entries(then.checkpoints)
    .flatMap(([checkpoint, { step, reason, sha256, uri }]) =>
      sha256 === null || uri === null ? [] : [{ checkpoint, step, reason, checkpointSha256: sha256, uri }],
    )
    .filter(({ checkpoint, uri }) => Object.hasOwn(now.checkpoints, checkpoint) && isThere(store, uri))
    .sort((one, other) => Number(other.reason === 'best') - Number(one.reason === 'best') || other.step - one.step)
  if (saved.length === 0) return 'No checkpoint of this moment is left to search with.'
  const searcher = saved.find(({ checkpointSha256 }) => hasFeatures(store, run, { checkpointSha256, dataSha256 }))
  return (
    searcher ??
    'It is not known yet what a checkpoint of this moment makes of the pictures. `npx chronograd search` with this run and any text finds out, and keeps it for here.'
  )
}

function isThere(store: Store, uri: string): boolean {
  const file = store.resolve(uri)
  return file !== undefined && isInStore(store, file)
}

function hasFeatures(store: Store, run: string, origin: Parameters<typeof featuresFile>[2]): boolean {
  return /^[0-9a-f]{64}$/.test(origin.checkpointSha256) && isInStore(store, featuresFile(store, run, origin))
}
