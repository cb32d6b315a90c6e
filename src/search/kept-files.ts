import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { Store } from '../storage/store.ts'
import { SearchError } from './search-error.ts'

/** What a split's features were made from, each by its SHA-256 in hexadecimal: another checkpoint or other data, other features. */
export interface FeatureOrigin {
  readonly checkpointSha256: string
  /** Of the split, as its `DataHandler` and the run's log have it. */
  readonly dataSha256: string
}

/** Where the features of a split are kept that a checkpoint made. */
export function featuresFile(store: Store, run: string, { checkpointSha256, dataSha256 }: FeatureOrigin): string {
  const name = `${shortened(checkpointSha256)}-${shortened(dataSha256)}.safetensors`
  return path.join(featuresFolder(store, run), name)
}

/** Features that this checkpoint made, by the name of their file. */
export function isOfCheckpoint(name: string, checkpointSha256: string): boolean {
  return name.startsWith(`${shortened(checkpointSha256)}-`)
}

export function featuresFolder(store: Store, run: string): string {
  return path.join(store.runFolder(run), 'features')
}

/** Where small pictures of a split are kept, for all runs on the same data. No run's folder begins with a dot. */
export function albumFile(store: Store, dataSha256: string): string {
  return path.join(store.folder, '.pictures', `${shortened(dataSha256)}.sqlite`)
}

/** Whether a file is there and really lies in the store, whatever a log calls it and wherever links lead. */
export function isInStore(store: Store, file: string): boolean {
  return existsSync(file) && realpathSync(file).startsWith(realpathSync(store.folder) + path.sep)
}

/** Enough of a hash to tell it from all others of a run. @throws SearchError when it is none, and so no name for a file */
function shortened(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256.slice(0, 16)
  throw new SearchError(`${JSON.stringify(sha256)} is no SHA-256 in hexadecimal, so nothing can be kept by it.`)
}
