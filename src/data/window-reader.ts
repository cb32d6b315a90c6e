import { checkEntry } from './check-entry.ts'
import type { SampleTexts } from './decoded-source.ts'
import type { ShardIndex } from './shard-index.ts'
import { sharedBytes } from './shared-memory.ts'
import type { Sample } from './source.ts'
import { SourceError } from './source-error.ts'
import type { ShardRange } from './streamed-order.ts'
import { isSample, type Shard, type ShardEntry } from './streamed-source.ts'

/** Some consecutive samples of shards. */
export interface Window {
  /** As the shards hold them, encoded or not; bytes are in memory that threads share. */
  readonly images: readonly Sample['image'][]
  readonly texts: readonly SampleTexts[]
}

/** Where windows come from. */
export interface Windows {
  /**
   * Reads the samples of `ranges`; one call at a time.
   *
   * @throws SourceError where the shards are no longer what the index says
   */
  read(ranges: readonly ShardRange[]): Promise<Window>
  close(): Promise<void>
}

/** An open shard, and the place among its usable samples that comes next. */
interface OpenShard {
  readonly shard: number
  readonly entries: AsyncGenerator<ShardEntry, void, void>
  next: number
}

/**
 * Reads windows of shards. A window that begins where the last one ended goes on reading there; any other is reached by
 * reading its shard from the beginning. Nothing is decoded.
 */
export class WindowReader implements Windows {
  readonly #shards: readonly Pick<Shard, 'name' | 'entries'>[]
  readonly #index: ShardIndex
  #open: OpenShard | undefined

  constructor(shards: readonly Pick<Shard, 'name' | 'entries'>[], index: ShardIndex) {
    this.#shards = shards
    this.#index = index
  }

  async read(ranges: readonly ShardRange[]): Promise<Window> {
    const images: Sample['image'][] = []
    const texts: SampleTexts[] = []
    for (const range of ranges) {
      for await (const given of this.#entriesOf(range)) {
        const entry = checkEntry(given)
        if (!isSample(entry)) throw this.#changed(range.shard, `${entry.key} cannot be used: ${entry.reason}`)
        const { key, captions, group, image } = entry
        images.push(shared(image))
        texts.push({ key, captions, ...(group !== undefined && { group }) })
      }
    }
    return { images, texts }
  }

  /** Closes the shard that is being read. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.entries.return()
  }

  async *#entriesOf({ shard, from, to }: ShardRange): AsyncGenerator<ShardEntry, void, void> {
    if (this.#open?.shard !== shard || this.#open.next > from) {
      await this.close()
      this.#open = { shard, entries: this.#usableEntries(shard), next: 0 }
    }
    const open = this.#open
    while (open.next < to) {
      const { value, done } = await open.entries.next()
      if (done || value === undefined) throw this.#changed(shard, `it ends after ${open.next} samples`)
      if (open.next++ >= from) yield value
    }
  }

  async *#usableEntries(shard: number): AsyncGenerator<ShardEntry, void, void> {
    const unusable = new Set(this.#index.shards[shard]?.unusable.map(({ place }) => place))
    let place = 0
    for await (const entry of this.#shards[shard]?.entries() ?? []) if (!unusable.has(place++)) yield entry
  }

  #changed(shard: number, what: string): SourceError {
    return SourceError.changed(`The shard ${this.#shards[shard]?.name}`, what)
  }
}

/** An image whose bytes can be handed to a thread without being copied. */
function shared(image: Sample['image']): Sample['image'] {
  if (typeof image === 'string') return image
  if (image instanceof Uint8Array) return sharedBytes(image)
  return { ...image, pixels: sharedBytes(image.pixels) }
}
