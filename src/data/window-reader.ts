import { decodeEntries } from './decode-entries.ts'
import type { DecodeSettings } from './decode-picture.ts'
import type { SampleTexts } from './decoded-source.ts'
import type { ShardIndex } from './shard-index.ts'
import { SourceError } from './source-error.ts'
import type { ShardRange } from './streamed-order.ts'
import type { Shard, ShardEntry } from './streamed-source.ts'

/** Some consecutive samples of shards, decoded. */
export interface Window {
  /** `size * size * 3` bytes of RGB for each. */
  readonly records: Uint8Array
  readonly texts: readonly SampleTexts[]
}

/** An open shard, and the place among its usable samples that comes next. */
interface OpenShard {
  readonly shard: number
  readonly entries: AsyncGenerator<ShardEntry, void, void>
  next: number
}

/**
 * Reads windows of shards. A window that begins where the last one ended goes on reading there; any other is reached by
 * reading its shard from the beginning, without decoding what lies before it.
 */
export class WindowReader {
  readonly #shards: readonly Shard[]
  readonly #index: ShardIndex
  readonly #settings: DecodeSettings
  #open: OpenShard | undefined

  constructor(shards: readonly Shard[], index: ShardIndex, settings: DecodeSettings) {
    this.#shards = shards
    this.#index = index
    this.#settings = settings
  }

  /**
   * Reads and decodes the samples of `ranges`; one call at a time.
   *
   * @throws SourceError where the shards are no longer what the index says
   */
  async read(ranges: readonly ShardRange[]): Promise<Window> {
    const recordBytes = this.#settings.size * this.#settings.size * 3
    const count = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
    const records = new Uint8Array(count * recordBytes)
    const texts: SampleTexts[] = []
    for (const range of ranges) {
      for await (const chunk of decodeEntries(this.#entriesOf(range), this.#settings)) {
        for (const entry of chunk) {
          if ('reason' in entry) throw this.#changed(range.shard, `${entry.key} cannot be used: ${entry.reason}`)
          const { key, captions, group } = entry.sample
          records.set(entry.pixels, texts.length * recordBytes)
          texts.push({ key, captions, ...(group !== undefined && { group }) })
        }
      }
    }
    return { records, texts }
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
    return new SourceError(
      `The shard ${this.#shards[shard]?.name} has changed since it was first read (${what}); put back what was there, or start a new run.`,
    )
  }
}
