import type { Backend, BackendChoice } from '../backends/backend.ts'
import { prepareBackend } from '../backends/prepare-backend.ts'
import { findSamples } from '../data/find-samples.ts'
import type { Sample } from '../data/source.ts'
import { DualEncoder } from '../learning/dual-encoder.ts'
import { Store } from '../storage/store.ts'
import { type LoadedModel, loadModel } from '../trainer/load-model.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import { embedQuery, type SearchQuery } from './embed-query.ts'
import { keepPictures } from './keep-pictures.ts'
import type { SearchedSplit } from './kept-features.ts'
import { mostSimilar } from './most-similar.ts'
import { SearchError } from './search-error.ts'
import { type SearchedSplitName, searchedFeatures } from './searched-features.ts'
import { captionOf } from './shortest-caption.ts'

export interface SearchOptions {
  /** The run whose model searches. */
  readonly run: string
  /** The store's folder; `runs` unless given. */
  readonly store?: string
  /** What is searched in: the validation data unless given. */
  readonly split?: SearchedSplitName
  /** `best`, as unless given, `latest`, or a checkpoint's name. */
  readonly checkpoint?: string
  /** How many pictures are found; 8 unless given. */
  readonly top?: number
  /** What computes; `auto` unless given. */
  readonly backend?: BackendChoice | Backend
}

/** A sample that a search found. */
export interface FoundSample {
  /** From 1 on. */
  readonly rank: number
  /** The cosine similarity of its picture to the query. */
  readonly similarity: number
  readonly key: string
  /** Its shortest caption. */
  readonly caption: string
  /** Its picture, as the source gives it. */
  readonly picture: Sample['image']
}

/** What a search found, and with what. */
export interface SearchResult {
  readonly run: string
  /** The checkpoint that searched, and the step after which it was saved. */
  readonly checkpoint: string
  readonly step: number
  readonly split: SearchedSplitName
  /** How many pictures were searched. */
  readonly pictures: number
  /** Whether the split's features were kept from an earlier search. */
  readonly fromKept: boolean
  /** The most similar pictures, best first. */
  readonly found: readonly FoundSample[]
  /** For a picture that was searched with, also the captions that are most similar to it. */
  readonly captions: readonly { readonly caption: string; readonly similarity: number }[]
}

/** So many captions are told of a picture that was searched with. */
const captionCount = 5

/**
 * Searches the pictures of a run's split with its best checkpoint: those that are most similar to a text, or to another
 * picture. What the model makes of the split is kept in the run's folder, so that the next search is quick; it is made
 * again when the checkpoint or the data is another one, or the file is damaged.
 *
 * @param definition the run as it was begun: its data, and its model where that was handed in
 * @throws SearchError when the text is empty, the picture cannot be decoded, or the run has no such split
 * @throws CheckpointError when there is no such run, or it has no such checkpoint
 *
 * @example
 * const { found } = await searchRun(definition, { text: 'smiling cat' }, { run: 'emoji' })
 * for (const { rank, similarity, key } of found) console.log(rank, similarity.toFixed(2), key)
 */
export async function searchRun(
  definition: RunDefinition,
  query: SearchQuery,
  { run, store: folder, split = 'val', checkpoint = 'best', top = 8, backend = 'auto' }: SearchOptions,
): Promise<SearchResult> {
  if ('text' in query && query.text.trim() === '') throw new SearchError('There is no text to search for; give one.')
  if (typeof backend === 'string') await prepareBackend(backend)
  const store = new Store(folder)
  return await withModel(definition, { run, store, checkpoint }, async loaded => {
    const asked = await embedQuery(query, loaded)
    const { features, source, album, fromKept } = await searchedFeatures(definition, loaded, { run, store, split })
    const nearest = mostSimilar(asked, features.images, top)
    const samples = findSamples(source, new Set(nearest.map(({ row }) => features.keys[row] as string)))
    await keepPictures(album, [...samples.values()])
    return {
      ...{ run, checkpoint: loaded.checkpoint, step: loaded.step, split, pictures: features.keys.length, fromKept },
      found: nearest.flatMap(({ row, similarity }, place) => {
        const sample = samples.get(features.keys[row] as string)
        if (sample === undefined) return []
        return [
          { rank: place + 1, similarity, key: sample.key, caption: captionOf(features, row), picture: sample.image },
        ]
      }),
      captions: 'picture' in query ? nearestCaptions(asked, features) : [],
    }
  })
}

/** Loads the model of a checkpoint and lets go of it again, unless it was handed in. */
async function withModel<Result>(
  { model }: RunDefinition,
  { run, store, checkpoint }: { readonly run: string; readonly store: Store; readonly checkpoint: string },
  work: (loaded: LoadedModel) => Promise<Result>,
): Promise<Result> {
  const handedIn = model instanceof DualEncoder ? model : undefined
  const loaded = await loadModel(run, { store: store.folder, checkpoint, ...(handedIn && { model: handedIn }) })
  try {
    return await work(loaded)
  } finally {
    if (handedIn === undefined) loaded.model.dispose()
  }
}

function nearestCaptions(asked: Float32Array, { texts, captions }: SearchedSplit): SearchResult['captions'] {
  return mostSimilar(asked, texts, captionCount).map(({ row, similarity }) => ({
    caption: captions[row] as string,
    similarity,
  }))
}
