import { checkEntry } from './check-entry.ts'
import { type AnySource, asStreamed, isSample } from './streamed-source.ts'

/** All captions of a source, one after another; a source that is read shard by shard is read through. */
export async function* captionsOf(source: AnySource): AsyncGenerator<string, void, void> {
  for (const shard of await asStreamed(source).shards()) {
    for await (const given of shard.entries()) {
      const entry = checkEntry(given)
      if (isSample(entry)) yield* entry.captions
    }
  }
}
