import path from 'node:path'
import { prepareBackend } from '../backends/prepare-backend.ts'
import { answerQuestions } from '../data/answer-questions.ts'
import { Store } from '../storage/store.ts'
import { type LoadedModel, loadModel } from '../trainer/load-model.ts'
import { embedQuery } from './embed-query.ts'
import { readFeatures, type SearchedSplit } from './kept-features.ts'
import { featuresFile, isInStore } from './kept-files.ts'
import { mostSimilar } from './most-similar.ts'
import { SearchError } from './search-error.ts'
import type { KeptSearch, KeptSearchResult } from './search-thread.ts'
import { captionOf } from './shortest-caption.ts'

// The thread that `SearchThread` starts. The features and the model of the last search are at hand for the next.
let features: { readonly file: string; readonly split: SearchedSplit } | undefined
let loaded: { readonly sha256: string; readonly model: LoadedModel } | undefined
let backend: Promise<unknown> | undefined

/** Searches come one after another: two must not load, and let go of, models at the same time. */
let last: Promise<unknown> = Promise.resolve()

answerQuestions<KeptSearch, KeptSearchResult>(question => {
  const answer = last.then(async () => ({ answer: await search(question), transferred: [] }))
  last = answer.catch(() => {})
  return answer
})

async function search(question: KeptSearch): Promise<KeptSearchResult> {
  const split = await featuresOf(question)
  const asked = await embedded(question, split)
  return mostSimilar(asked, split.images, question.top).map(({ row, similarity }) => ({
    ...{ key: split.keys[row] as string, caption: captionOf(split, row), similarity },
  }))
}

async function featuresOf({ store: folder, run, checkpointSha256, dataSha256 }: KeptSearch): Promise<SearchedSplit> {
  const store = new Store(folder)
  const origin = { checkpointSha256, dataSha256 }
  const file = featuresFile(store, run, origin)
  if (features?.file === file) return features.split
  const split = isInStore(store, file) ? await readFeatures(file, origin) : undefined
  if (split === undefined)
    throw new SearchError('The kept features are gone or damaged; `chronograd search` makes them again.')
  features = { file, split }
  return split
}

async function embedded(question: KeptSearch, split: SearchedSplit): Promise<Float32Array> {
  const { query } = question
  if ('text' in query) return await embedQuery(query, await modelOf(question))
  const { values, dimension } = split.images
  const row = split.keys.indexOf(query.key)
  if (row < 0) throw new SearchError(`There is no picture ${JSON.stringify(query.key)} among those that are searched.`)
  return values.subarray(row * dimension, (row + 1) * dimension)
}

async function modelOf({ store: folder, run, checkpoint, checkpointSha256 }: KeptSearch): Promise<LoadedModel> {
  if (loaded?.sha256 === checkpointSha256) return loaded.model
  const store = new Store(folder)
  // The checkpoint's file was looked at by whoever asks.
  if (!isInStore(store, path.join(store.runFolder(run), 'tokenizer.json'))) {
    throw new SearchError(`The tokenizer of ${run} does not lie in the store.`)
  }
  backend ??= prepareBackend('wasm')
  await backend
  loaded?.model.model.dispose()
  loaded = undefined
  const model = await loadModel(run, { store: folder, checkpoint })
  loaded = { sha256: model.sha256, model }
  return model
}
