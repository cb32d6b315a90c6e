import { checkEntry } from './check-entry.ts'
import { type DecodeSettings, decodePicture, PictureError } from './decode-picture.ts'
import type { Sample } from './source.ts'
import { isSample, type ShardEntry } from './streamed-source.ts'

/** An entry of a shard with its picture decoded, or why there is none. */
export type DecodedEntry =
  | { readonly sample: Sample; readonly pixels: Uint8Array }
  | { readonly key: string; readonly reason: string }

/** Enough to keep every decoding thread busy, and few enough that memory stays flat. */
const chunkEntries = 128
const chunkBytes = 64 * 2 ** 20

/** Decodes entries as they come, in their order and many at once, and gives them in chunks. */
export async function* decodeEntries(
  entries: AsyncIterable<ShardEntry>,
  settings: DecodeSettings,
): AsyncGenerator<readonly DecodedEntry[], void, void> {
  let chunk: ShardEntry[] = []
  let bytes = 0
  for await (const given of entries) {
    const entry = checkEntry(given)
    chunk.push(entry)
    if (isSample(entry) && entry.image instanceof Uint8Array) bytes += entry.image.length
    if (chunk.length < chunkEntries && bytes < chunkBytes) continue
    yield await Promise.all(chunk.map(each => decodeEntry(each, settings)))
    chunk = []
    bytes = 0
  }
  if (chunk.length > 0) yield await Promise.all(chunk.map(each => decodeEntry(each, settings)))
}

async function decodeEntry(entry: ShardEntry, settings: DecodeSettings): Promise<DecodedEntry> {
  if (!isSample(entry)) return entry
  try {
    return { sample: entry, pixels: await decodePicture(entry.image, settings) }
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    return { key: entry.key, reason: error.message }
  }
}
