import { findSamples } from '../data/find-samples.ts'
import type { DecodeProgress } from '../data/picture-cache.ts'
import { openSource } from '../data/read-source.ts'
import type { Source } from '../data/source.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import { albumSamples, keepPictures } from '../search/keep-pictures.ts'
import { albumFile } from '../search/kept-files.ts'
import { keepSplitFeatures, tidyFeatures } from '../search/searched-features.ts'
import type { Store } from '../storage/store.ts'
import { decodingOf } from '../trainer/data-options.ts'
import { Evaluation, type EvaluationOptions } from '../trainer/evaluation.ts'
import type { RunDefinition } from '../trainer/run-definition.ts'
import type { RunSettings } from '../trainer/run-settings.ts'
import type { SplitFeatures } from '../trainer/split-features.ts'

/** An evaluation that hands on what the model made of the split, which it has anyway. */
class TellingEvaluation extends Evaluation {
  readonly #tell: (features: SplitFeatures) => void

  constructor(options: EvaluationOptions, tell: (features: SplitFeatures) => void) {
    super(options)
    this.#tell = tell
  }

  protected override async moreMetrics(features: SplitFeatures): Promise<Readonly<Record<string, number>>> {
    this.#tell(features)
    return {}
  }
}

interface KeeperOptions {
  readonly store: Store
  /** Is told once that something could not be kept: a picture less is no reason to end a good training badly. */
  readonly onNotice: (sentence: string) => void
}

/**
 * Keeps, beside a run, what it is looked at with by who has neither its data nor its configuration: small pictures of the
 * samples that its evaluations name, and what a checkpoint makes of the validation data, as it was evaluated at the same
 * step. A run whose evaluation is of one's own is made ready by the first search instead.
 */
export class SearchKeeper {
  /** The definition to train by. */
  readonly definition: RunDefinition
  readonly #store: Store
  readonly #onNotice: (sentence: string) => void
  #data: TrainingData<'run.started'>['data']['validation'] = null
  /** What the latest evaluation saw, and at which step; the step is known when it is told. */
  #features: SplitFeatures | undefined
  #evaluatedAt: number | undefined
  /** What checkpoints that are being written will have made of the split. */
  readonly #ofCheckpoints = new Map<string, SplitFeatures>()
  #keeping: Promise<void> = Promise.resolve()
  #hasFailed = false

  constructor(definition: RunDefinition, { store, onNotice }: KeeperOptions) {
    this.#store = store
    this.#onNotice = onNotice
    const telling = (options: EvaluationOptions) =>
      new TellingEvaluation(options, features => {
        this.#features = features
      })
    this.definition = { ...definition, parts: { evaluation: telling, ...definition.parts } }
  }

  /** Is told of each fact of the run. What is kept for it is done beside training. */
  take(event: TrainingEvent, run: string, settings: RunSettings): void {
    switch (event.type) {
      case 'run.started':
      case 'run.resumed':
        this.#data = event.data.data.validation
        this.#do(() => tidyFeatures({ store: this.#store, run }))
        break
      case 'evaluation.completed':
        this.#evaluatedAt = event.data.step
        this.#keep(settings, (album, source) =>
          keepPictures(album, [...findSamples(source, keysIn(event.data)).values()]),
        )
        break
      case 'checkpoint.captured':
        if (this.#features === undefined || this.#evaluatedAt !== event.data.step) break
        this.#ofCheckpoints.set(event.data.checkpoint, this.#features)
        break
      case 'checkpoint.saved': {
        const { checkpoint, sha256: checkpointSha256 } = event.data
        const features = this.#ofCheckpoints.get(checkpoint)
        const dataSha256 = this.#data?.sha256
        this.#ofCheckpoints.delete(checkpoint)
        if (features === undefined || dataSha256 === undefined) break
        const place = { store: this.#store, run }
        this.#do(() => keepSplitFeatures(features, { checkpointSha256, dataSha256 }, place))
        break
      }
      case 'checkpoint.failed':
        this.#ofCheckpoints.delete(event.data.checkpoint)
        break
    }
  }

  /**
   * Waits for what is being kept.
   *
   * @param wholeAlbum keeps small pictures of the rest of the validation data too, and is told how far that is
   */
  async finish(settings: RunSettings, wholeAlbum?: (progress: DecodeProgress) => void): Promise<void> {
    if (wholeAlbum !== undefined) {
      this.#keep(settings, (album, source) => keepPictures(album, albumSamples(source), wholeAlbum))
    }
    await this.#keeping
  }

  /** Adds to the album of the validation data. */
  #keep(settings: RunSettings, work: (album: string, source: Source) => Promise<void>): void {
    const [source, sha256] = [this.definition.valData, this.#data?.sha256]
    if (source === undefined || sha256 === undefined) return
    this.#do(async () => work(albumFile(this.#store, sha256), await openSource(source, decodingOf(settings))))
  }

  /** One thing after another. */
  #do(work: () => Promise<void>): void {
    this.#keeping = this.#keeping.then(work).catch(error => {
      if (this.#hasFailed) return
      this.#hasFailed = true
      this.#onNotice(`What the dashboard looks at the pictures with cannot be kept: ${describeError(error)}`)
    })
  }
}

function keysIn({ samples, pictureSamples, similarities }: TrainingData<'evaluation.completed'>): Set<string> {
  const named = [...samples, ...pictureSamples]
  const all = [...named, ...named.flatMap(({ nearest }) => nearest), ...(similarities?.pairs ?? [])]
  return new Set(all.map(({ key }) => key))
}
