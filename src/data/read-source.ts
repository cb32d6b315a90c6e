import { createHash } from 'node:crypto'
import { type FileHandle, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { decodeEntries } from './decode-entries.ts'
import { type DecodedSource, decodedSource, type SampleTexts } from './decoded-source.ts'
import { JsonRows } from './json-rows.ts'
import { type DecodeOptions, hasRecords, headerSchema, readHeader } from './picture-cache.ts'
import { readLines } from './read-lines.ts'
import type { Source, UnusableSample } from './source.ts'
import { SourceError } from './source-error.ts'
import { streamFingerprint } from './source-fingerprint.ts'
import { type AnySource, isStreamed, type Shard, type StreamedSource } from './streamed-source.ts'

const streamHeaderSchema = headerSchema.omit({ skipped: true }).extend({
  /** Of the texts. */
  textsSha256: z.string(),
  unusable: z.array(z.strictObject({ key: z.string(), reason: z.string() })),
})
type Header = z.infer<typeof streamHeaderSchema>

/**
 * Reads a streamed source through once, decodes its pictures and gives a source that can be read at any index. Pictures
 * and texts are kept under `directory` as `<fingerprint>.rgb`, `<fingerprint>.jsonl` and `<fingerprint>.json`, and found
 * there at every later start, as long as the source can say that it is the same without being read.
 *
 * Samples that cannot be used are listed in the source's `unusable`; two that share a key are an error.
 *
 * @throws SourceError where a shard is missing or damaged, or a key comes twice
 *
 * @example
 * const source = await readSource(webDataset('pets-{000..003}.tar'), { size: 64, background: [255, 255, 255], directory })
 */
export async function readSource(source: StreamedSource, options: DecodeOptions): Promise<DecodedSource> {
  const { size, background, directory, onProgress } = options
  const shards = await source.shards()
  const { fingerprint, isLasting } = streamFingerprint(source.name, shards, options)
  const path = join(directory, `${fingerprint}.rgb`)
  const textsPath = join(directory, `${fingerprint}.jsonl`)
  const headerPath = join(directory, `${fingerprint}.json`)

  const kept = isLasting ? await readHeader(headerPath, streamHeaderSchema) : undefined
  if (kept?.fingerprint === fingerprint && (await hasRecords(path, kept))) {
    const texts = await readTexts(textsPath, kept)
    if (texts !== undefined) {
      onProgress?.({ done: kept.samples, total: kept.samples })
      const { sha256, unusable } = kept
      return decodedSource(
        source.name,
        { path, size, background, sha256, skipped: [], fromCache: true },
        texts,
        unusable,
      )
    }
  }

  const { texts, ...header } = await writeFileAtomically(path, records =>
    writeFileAtomically(textsPath, lines => decodeShards(source.name, shards, options, records, lines)),
  )
  const complete: Header = { fingerprint, size, ...header }
  await writeFileAtomically(headerPath, file => writeFile(file, JSON.stringify(complete)))
  const { sha256, unusable } = header
  return decodedSource(source.name, { path, size, background, sha256, skipped: [], fromCache: false }, texts, unusable)
}

/** A source that can be read at any index: the given one, or what `readSource` makes of one that is read shard by shard. */
export async function openSource(source: AnySource, options: DecodeOptions): Promise<Source> {
  return isStreamed(source) ? await readSource(source, options) : source
}

/** Reads, decodes and writes all shards; records and lines stay in step. */
async function decodeShards(
  name: string,
  shards: readonly Shard[],
  options: DecodeOptions,
  recordFile: FileHandle,
  textFile: FileHandle,
): Promise<Omit<Header, 'fingerprint' | 'size'> & { texts: JsonRows<SampleTexts> }> {
  const recordHash = createHash('sha256')
  const textHash = createHash('sha256')
  const texts = new JsonRows<SampleTexts>()
  const unusable: UnusableSample[] = []
  const keys = new Set<string>()
  for (const [number, shard] of shards.entries()) {
    for await (const chunk of decodeEntries(shard.entries(), options)) {
      const records: Uint8Array[] = []
      const lines: Buffer[] = []
      for (const entry of chunk) {
        if ('reason' in entry) {
          unusable.push({ key: entry.key, reason: entry.reason })
          continue
        }
        const { key, captions, group } = entry.sample
        if (keys.has(key)) {
          throw new SourceError(`Source ${name} has two samples with the key "${key}"; give each a key of its own.`)
        }
        keys.add(key)
        const text = Buffer.from(JSON.stringify({ key, captions, group } satisfies Record<keyof SampleTexts, unknown>))
        texts.pushText(text)
        lines.push(text, newline)
        records.push(entry.pixels)
      }
      const [recordBytes, lineBytes] = [Buffer.concat(records), Buffer.concat(lines)]
      recordHash.update(recordBytes)
      textHash.update(lineBytes)
      await recordFile.writeFile(recordBytes)
      await textFile.writeFile(lineBytes)
      // How many samples are still to come is not known before they are read, and how many shards is.
      options.onProgress?.({ done: texts.length, total: Math.round((texts.length * shards.length) / (number + 1)) })
    }
  }
  options.onProgress?.({ done: texts.length, total: texts.length })
  return {
    samples: texts.length,
    sha256: recordHash.digest('hex'),
    textsSha256: textHash.digest('hex'),
    unusable,
    texts,
  }
}

const newline = Buffer.from('\n')

/** The kept texts, or nothing where they are not what was written: then all is read anew. */
async function readTexts(path: string, { textsSha256, samples }: Header): Promise<JsonRows<SampleTexts> | undefined> {
  const texts = new JsonRows<SampleTexts>()
  const hash = createHash('sha256')
  let file: FileHandle
  try {
    file = await open(path)
  } catch {
    return undefined
  }
  try {
    for (const { bytes } of readLines(file.fd, path)) {
      texts.pushText(bytes)
      hash.update(bytes).update(newline)
    }
  } finally {
    await file.close()
  }
  return texts.length === samples && hash.digest('hex') === textsSha256 ? texts : undefined
}
