import type { Sample } from './source.ts'
import { SourceError } from './source-error.ts'
import type { StreamedSource } from './streamed-source.ts'

export interface IterableSourceOptions {
  /** How many samples the iterable gives. */
  readonly length: number
  /** Begins the samples anew: the same ones, in the same order, each time. */
  readonly samples: () => AsyncIterable<Sample> | Iterable<Sample>
  /**
   * Any text that changes whenever the samples do, such as a date or a hash. With it, decoded pictures are found again at
   * the next start; without it, all samples are read at every start.
   */
  readonly version?: string
}

/**
 * A source over anything that can be iterated: rows of a database, pages of a web service, pictures that are drawn.
 *
 * @param name what the source is called in events and reports
 *
 * @example
 * const train = iterableSource('archive', { length: archive.size, samples: () => archive.pictures(), version: '2026-11' })
 */
export function iterableSource(name: string, { length, samples, version }: IterableSourceOptions): StreamedSource {
  if (!Number.isInteger(length) || length < 0) {
    throw new SourceError(`The source ${name} is said to have ${length} samples; give a whole number.`)
  }
  const shard = {
    name,
    fingerprint: () => (version === undefined ? undefined : JSON.stringify([name, length, version])),
    async *entries() {
      let count = 0
      for await (const sample of samples()) {
        if (++count > length) break
        yield sample
      }
      if (count === length) return
      const found = count > length ? 'gives more' : `gives ${count}`
      throw new SourceError(`The source ${name} is said to have ${length} samples, but ${found}; correct its length.`)
    },
  }
  return { name, shards: async () => [shard] }
}
