import type { Sample, Source, UnusableSample } from './source.ts'
import { samplesFingerprint } from './source-fingerprint.ts'

/** What stands at one place of a shard. */
export type ShardEntry = Sample | UnusableSample

/** A part of a data set that is read from its beginning: a tar file, a row group, a range of rows. */
export interface Shard {
  /** Unique within its source, and the same at every start. */
  readonly name: string
  /**
   * Known without reading the shard, and different whenever its entries are (of a file its path, size and time of
   * change). Where it is undefined nothing about the shard is remembered from one start to the next.
   */
  fingerprint(): string | undefined
  /**
   * The shard's entries, always the same in the same order. Nothing is held but what is being read.
   *
   * @throws SourceError where the shard is missing or damaged
   */
  entries(): AsyncIterable<ShardEntry>
  /** How another thread reads the same entries. A shard without it is read by the thread that trains, between its steps. */
  readonly elsewhere?: ShardElsewhere
}

/** How to read a shard in another thread. */
export interface ShardElsewhere {
  /** A module's URL. It exports the function `entries`, which is given the options and gives what the shard's own does. */
  readonly module: string
  /** What can be sent to a thread. */
  readonly options: unknown
}

/** A data set that is read shard by shard, because its samples cannot be had in any order without reading it all. */
export interface StreamedSource {
  readonly name: string
  /** Its shards, always the same in the same order. */
  shards(): Promise<readonly Shard[]>
}

/** Data to train or evaluate on: read at any index, or shard by shard. */
export type AnySource = Source | StreamedSource

/** Tells sources that are read shard by shard from those that are read at any index. */
export function isStreamed(source: AnySource): source is StreamedSource {
  return 'shards' in source
}

/** Tells entries that can be used from those that cannot. */
export function isSample(entry: ShardEntry): entry is Sample {
  return 'image' in entry
}

const samplesPerShard = 1024

/** A source as shards, so that one whose decoded pictures would not fit on the disk can be streamed as well. */
export function asStreamed(source: AnySource): StreamedSource {
  if (isStreamed(source)) return source
  const { unusable = [] } = source
  const shardCount = Math.ceil(source.length / samplesPerShard)
  const shards = Array.from({ length: shardCount }, (_, number): Shard => {
    const first = number * samplesPerShard
    const end = Math.min(first + samplesPerShard, source.length)
    return {
      name: `samples ${first} to ${end - 1}`,
      fingerprint: () => samplesFingerprint(source, first, end),
      async *entries() {
        if (number === 0) yield* unusable
        for (let index = first; index < end; index++) yield source.sample(index)
      },
    }
  })
  return { name: source.name, shards: async () => shards }
}
