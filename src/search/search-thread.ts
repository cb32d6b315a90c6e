import { RequestThread } from '../data/request-thread.ts'
import { SearchError } from './search-error.ts'

/** What is searched for: what a text says, or what is like a picture of the split, by its key. */
export type KeptQuery = { readonly text: string } | { readonly key: string }

export interface KeptSearch {
  /** The store's folder. */
  readonly store: string
  readonly run: string
  /** A checkpoint whose features of the split were kept. */
  readonly checkpoint: string
  readonly checkpointSha256: string
  readonly dataSha256: string
  readonly query: KeptQuery
  readonly top: number
}

/** The pictures that were found, best first. */
export type KeptSearchResult = readonly {
  readonly key: string
  /** The shortest caption of the picture. */
  readonly caption: string
  readonly similarity: number
}[]

/** How long a search may take, in milliseconds. */
const limit = 60_000

/**
 * Searches by what lies in a store alone, without the run's configuration or its data: the checkpoint and the tokenizer make
 * something of the text, and the pictures' features were kept. A thread of its own computes, on WebAssembly: it is started
 * by the first search, and what is wrong with a file ends it and no other.
 */
export class SearchThread {
  #thread: RequestThread<KeptSearch, KeptSearchResult> | undefined

  /** @throws SearchError when it takes too long, and ThreadError with what kept it from searching */
  async search(question: KeptSearch): Promise<KeptSearchResult> {
    if (this.#thread === undefined || this.#thread.hasEnded) {
      this.#thread = new RequestThread('searches', new URL('./search-worker', import.meta.url), undefined)
    }
    const thread = this.#thread
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new SearchError('The search took more than a minute; it was given up.')), limit)
    })
    try {
      return await Promise.race([thread.ask(question), tooLong])
    } catch (error) {
      if (error instanceof SearchError) await thread.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    await this.#thread?.close()
  }
}
