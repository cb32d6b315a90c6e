import { findSamples } from '../data/find-samples.ts'
import { openSource } from '../data/read-source.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import { keepPictures } from '../search/keep-pictures.ts'
import { albumFile } from '../search/kept-files.ts'
import { prepareSearch } from '../search/search-run.ts'
import type { Store } from '../storage/store.ts'
import { decodingOf } from '../trainer/data-options.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import type { RunSettings } from '../trainer/run-settings.ts'

/** A split that takes longer to evaluate than this, in milliseconds, is made ready for searches by the first one. */
const longestEvaluation = 60_000

interface KeeperParts {
  readonly definition: RunDefinition
  readonly settings: RunSettings
  readonly store: Store
  readonly run: string
  /** Is told once that something could not be kept: a picture less is no reason to end a good training badly. */
  readonly onNotice: (sentence: string) => void
}

/**
 * Keeps what a run is looked at with by those who have neither its data nor its configuration: while it trains, small
 * pictures of the samples that its evaluations name; in the end, what its best checkpoint makes of the validation data.
 */
export class SearchKeeper {
  readonly #parts: KeeperParts
  #data: TrainingData<'run.started'>['data'] | undefined
  #evaluation: TrainingData<'evaluation.completed'> | undefined
  #keeping: Promise<void> = Promise.resolve()
  #hasFailed = false

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  take(event: TrainingEvent): void {
    if (event.type === 'run.started' || event.type === 'run.resumed') this.#data = event.data.data
    if (event.type !== 'evaluation.completed') return
    const evaluation = event.data
    this.#evaluation = evaluation
    this.#keeping = this.#keeping.then(() => this.#unlessItFails(() => this.#keepPictures(evaluation)))
  }

  /** Waits for the pictures, and makes the validation data ready to be searched. The backend must still be there. */
  async finish(): Promise<void> {
    await this.#keeping
    if (this.#evaluation === undefined || this.#evaluation.durationMs > longestEvaluation) return
    const { definition, run, store } = this.#parts
    await this.#unlessItFails(() => prepareSearch(definition, run, store.folder))
  }

  async #keepPictures(evaluation: TrainingData<'evaluation.completed'>): Promise<void> {
    const { definition, settings, store, run } = this.#parts
    const sha256 = this.#data?.validation?.sha256
    if (definition.valData === undefined || sha256 === undefined) return
    const source = await openSource(definition.valData, decodingOf(settings))
    const samples = findSamples(source, new Set(keysIn(evaluation)))
    await keepPictures(albumFile(store, run, sha256), [...samples.values()])
  }

  async #unlessItFails(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#hasFailed)
        this.#parts.onNotice(`What the dashboard shows of the pictures cannot be kept: ${describeError(error)}`)
      this.#hasFailed = true
    }
  }
}

function keysIn({ samples, pictureSamples, similarities }: TrainingData<'evaluation.completed'>): string[] {
  const named = [...samples, ...pictureSamples]
  return [...named, ...named.flatMap(({ nearest }) => nearest), ...(similarities?.pairs ?? [])].map(({ key }) => key)
}
