import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { decodeEntries } from './decode-entries.ts'
import { type DecodeOptions, readHeader } from './picture-cache.ts'
import { streamFingerprint } from './source-fingerprint.ts'
import type { Shard } from './streamed-source.ts'

const indexSchema = z.strictObject({
  fingerprint: z.string(),
  /** Over keys, captions, groups and decoded pictures of all usable samples. */
  sha256: z.string(),
  shards: z.array(
    z.strictObject({
      /** How many entries there are, usable or not. */
      entries: z.int().nonnegative(),
      /** The places of those that are not, and what is wrong with them. */
      unusable: z.array(z.strictObject({ place: z.int().nonnegative(), key: z.string(), reason: z.string() })),
    }),
  ),
})

/** What must be known of shards to stream through them in a fixed order: how many samples each has that can be used. */
export type ShardIndex = z.infer<typeof indexSchema>

/**
 * Reads all shards through once, decoding every picture to see that it can be, and keeps nothing but counts and a hash.
 * The index is written under `directory` as `<fingerprint>.index.json` and found there at every later start, as long as
 * the shards can say that they are the same without being read.
 *
 * @throws SourceError where a shard is missing or damaged
 */
export async function indexShards(name: string, shards: readonly Shard[], options: DecodeOptions): Promise<ShardIndex> {
  const { fingerprint, isLasting } = streamFingerprint(name, shards, options)
  const path = join(options.directory, `${fingerprint}.index.json`)
  const kept = isLasting ? await readHeader(path, indexSchema) : undefined
  if (kept?.fingerprint === fingerprint) return kept

  const hash = createHash('sha256')
  const counted: ShardIndex['shards'] = []
  let done = 0
  for (const shard of shards) {
    const unusable: ShardIndex['shards'][number]['unusable'] = []
    let entries = 0
    for await (const chunk of decodeEntries(shard.entries(), options)) {
      for (const entry of chunk) {
        const place = entries++
        if ('reason' in entry) {
          unusable.push({ place, key: entry.key, reason: entry.reason })
        } else {
          const { key, captions, group } = entry.sample
          hash.update(JSON.stringify([key, captions, group])).update(entry.pixels)
        }
      }
      done += chunk.length
      // How many samples are still to come is not known before they are read, and how many shards is.
      options.onProgress?.({ done, total: Math.round((done * shards.length) / (counted.length + 1)) })
    }
    counted.push({ entries, unusable })
  }
  options.onProgress?.({ done, total: done })
  const index: ShardIndex = { fingerprint, sha256: hash.digest('hex'), shards: counted }
  if (isLasting) await writeFileAtomically(path, file => writeFile(file, JSON.stringify(index)))
  return index
}
