import type { Shard, ShardEntry, StreamedSource } from '../../src/data/streamed-source.ts'

/** Everything that an iterable gives. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

/** Every entry of every shard of a source. */
export async function entriesOf(source: StreamedSource): Promise<ShardEntry[]> {
  const entries: ShardEntry[] = []
  for (const shard of await source.shards()) entries.push(...(await all(shard.entries())))
  return entries
}

/** A shard over entries in memory, which counts how many it has given. */
export class CountingShard implements Shard {
  readonly name: string
  readonly #entries: readonly ShardEntry[]
  given = 0

  constructor(name: string, entries: readonly ShardEntry[]) {
    this.name = name
    this.#entries = entries
  }

  fingerprint(): string {
    return JSON.stringify([this.name, ...this.#entries.map(({ key }) => key)])
  }

  async *entries(): AsyncGenerator<ShardEntry, void, void> {
    for (const entry of this.#entries) {
      this.given++
      yield entry
    }
  }
}
