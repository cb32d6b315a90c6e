import { trainerMachine } from '../../machines/trainer.ts'
import { openSource } from '../data/read-source.ts'
import type { Source } from '../data/source.ts'
import { Journal } from '../journal/journal.ts'
import { runStream, type Store } from '../storage/store.ts'
import { DataHandler } from '../trainer/data-handler.ts'
import { decodingOf } from '../trainer/data-options.ts'
import type { LoadedModel } from '../trainer/load-model.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import { encodeSplit } from '../trainer/split-features.ts'
import { albumSamples, keepPictures } from './keep-pictures.ts'
import { keepFeatures, readFeatures, removeFeatures, type SearchedSplit } from './kept-features.ts'
import { albumFile, type FeatureOrigin, featuresFile, featuresFolder, isOfCheckpoint } from './kept-files.ts'
import { SearchError } from './search-error.ts'

/** The two splits of a run. */
export type SearchedSplitName = 'train' | 'val'

/** A split, ready to be searched in. */
export interface SearchedFeatures {
  readonly features: SearchedSplit
  readonly source: Source
  /** Where its small pictures are kept. */
  readonly album: string
  /** Whether they were there from an earlier time. */
  readonly fromKept: boolean
}

/**
 * The features that a run's model makes of one of its splits: those that were kept where checkpoint and data are still the
 * same, or else made, and kept for the next time, with small pictures for who looks at the run.
 *
 * @throws SearchError when the run has no such split
 */
export async function searchedFeatures(
  definition: RunDefinition,
  { model, tokenizer, settings, sha256 }: Pick<LoadedModel, 'model' | 'tokenizer' | 'settings' | 'sha256'>,
  place: { readonly run: string; readonly store: Store; readonly split: SearchedSplitName },
): Promise<SearchedFeatures> {
  const { run, store, split: name } = place
  const given = name === 'val' ? definition.valData : definition.trainData
  if (given === undefined) {
    throw new SearchError(
      `The run ${run} has no validation data to search in; search in its training data with --split train.`,
    )
  }
  const { imageSize, batchSize, tokenLength, seed, maximumBadShare } = settings
  const source = await openSource(given, decodingOf(settings))
  const options = { source, tokenizer, imageSize, batchSize, tokenLength, seed, maximumBadShare }
  const split = definition.parts?.dataHandler?.(options) ?? new DataHandler(options)
  try {
    await split.prepare()
    const origin = { checkpointSha256: sha256, dataSha256: split.sha256 }
    const file = featuresFile(store, run, origin)
    const album = albumFile(store, split.sha256)
    await tidyFeatures({ store, run })
    const kept = await readFeatures(file, origin)
    if (kept !== undefined) return { features: kept, source, album, fromKept: true }
    const features = await encodeSplit(model, split)
    await keepSplitFeatures(features, origin, { store, run })
    await keepPictures(album, albumSamples(source))
    return { features, source, album, fromKept: false }
  } finally {
    await split.close()
  }
}

/** Keeps what a checkpoint made of a split. */
export async function keepSplitFeatures(
  features: SearchedSplit,
  origin: FeatureOrigin,
  { store, run }: { readonly store: Store; readonly run: string },
): Promise<void> {
  await keepFeatures(featuresFile(store, run, origin), features, origin)
  await tidyFeatures({ store, run })
}

/** Removes what was kept of checkpoints that the run has no more, and what a process left that was killed meanwhile. */
export async function tidyFeatures({ store, run }: { readonly store: Store; readonly run: string }): Promise<void> {
  await removeFeatures(featuresFolder(store, run), isOfSavedCheckpoint(store, run))
}

/** Tells features of checkpoints that are still there from others, by the names of the files. */
function isOfSavedCheckpoint(store: Store, run: string): (name: string) => boolean {
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const { checkpoints } = journal.fold(runStream(run), trainerMachine).snapshot.context
    const saved = Object.values(checkpoints).flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256]))
    return name => saved.some(sha256 => isOfCheckpoint(name, sha256))
  } finally {
    journal.close()
  }
}
