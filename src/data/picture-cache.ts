import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isNotThere } from '../errors/is-not-there.ts'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { type Colour, type DecodeSettings, decodePicture, PictureError } from './decode-picture.ts'
import { isDecoded } from './decoded-source.ts'
import type { Source } from './source.ts'
import { SourceError } from './source-error.ts'
import { sourceFingerprint } from './source-fingerprint.ts'

/** A sample that is left out, and why. */
export interface SkippedSample {
  readonly key: string
  readonly source: string
  readonly reason: string
}

/** A sample that is left out because its picture cannot be decoded. */
export interface UndecodableSample extends SkippedSample {
  readonly index: number
}

/** A source's pictures, decoded into one file of equal records: `size * size * 3` bytes of RGB for each sample. */
export interface DecodedPictures {
  /** The file of records. The record of a skipped sample holds zeros. */
  readonly path: string
  readonly size: number
  readonly background: Colour
  /** Of the records. */
  readonly sha256: string
  readonly skipped: readonly UndecodableSample[]
  /** Whether an earlier start had decoded them. */
  readonly fromCache: boolean
}

export interface DecodeProgress {
  readonly done: number
  readonly total: number
}

export interface DecodeOptions extends DecodeSettings {
  /** Where decoded pictures are kept; made where it is missing. */
  readonly directory: string
  readonly onProgress?: (progress: DecodeProgress) => void
}

/** What the header of a file of records holds. */
export const headerSchema = z.strictObject({
  fingerprint: z.string(),
  size: z.number().int().positive(),
  samples: z.number().int().nonnegative(),
  sha256: z.string(),
  skipped: z.array(
    z.strictObject({ index: z.number().int(), key: z.string(), source: z.string(), reason: z.string() }),
  ),
})
type Header = z.infer<typeof headerSchema>

/** Enough to keep every decoding thread busy, and few enough that memory stays flat. */
const chunkSamples = 128

/**
 * Decodes all pictures of `source` once, and finds them decoded at every later start. They are kept under `directory`
 * as `<fingerprint>.rgb` (the records) and `<fingerprint>.json` (what they are, with their SHA-256). Both are written
 * under temporary names, brought safely to disk and renamed, the header last: without a header that fits, the records
 * count for nothing and are decoded anew.
 *
 * A picture that cannot be decoded is not thrown but listed in `skipped`.
 */
export async function decodePictures(source: Source, options: DecodeOptions): Promise<DecodedPictures> {
  const { size, background, directory, onProgress } = options
  if (isDecoded(source)) {
    const { decoded } = source
    if (decoded.size === size && decoded.background.join() === background.join()) return decoded
    throw new SourceError(
      `The pictures of ${source.name} were decoded at ${decoded.size} pixels on (${decoded.background}), and ${size} on (${background}) are asked for; read the source anew.`,
    )
  }
  const fingerprint = sourceFingerprint(source, options)
  const path = join(directory, `${fingerprint}.rgb`)
  const headerPath = join(directory, `${fingerprint}.json`)

  const kept = await readHeader(headerPath, headerSchema)
  if (kept?.fingerprint === fingerprint && (await hasRecords(path, kept))) {
    onProgress?.({ done: source.length, total: source.length })
    return { path, size, background, sha256: kept.sha256, skipped: kept.skipped, fromCache: true }
  }

  const written = await writeFileAtomically(path, file => writeRecords(file, source, options))
  const header: Header = { fingerprint, size, samples: source.length, ...written }
  await writeFileAtomically(headerPath, file => writeFile(file, JSON.stringify(header)))
  return { path, size, background, ...written, fromCache: false }
}

async function writeRecords(
  file: FileHandle,
  source: Source,
  options: DecodeOptions,
): Promise<{ sha256: string; skipped: UndecodableSample[] }> {
  const hash = createHash('sha256')
  const skipped: UndecodableSample[] = []
  const total = source.length
  const recordBytes = options.size * options.size * 3
  for (let first = 0; first < total; first += chunkSamples) {
    const count = Math.min(chunkSamples, total - first)
    const records = new Uint8Array(count * recordBytes)
    await Promise.all(
      Array.from({ length: count }, async (_, offset) => {
        const index = first + offset
        const { key, image } = source.sample(index)
        try {
          records.set(await decodePicture(image, options), offset * recordBytes)
        } catch (error) {
          if (!(error instanceof PictureError)) throw error
          skipped.push({ index, key, source: source.name, reason: error.message })
        }
      }),
    )
    hash.update(records)
    await file.writeFile(records)
    options.onProgress?.({ done: first + count, total })
  }
  skipped.sort((one, other) => one.index - other.index)
  return { sha256: hash.digest('hex'), skipped }
}

/** The header, or nothing where there is none that can be read: then the pictures are decoded anew. */
export async function readHeader<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch (error) {
    if (error instanceof SyntaxError || isNotThere(error)) return undefined
    throw error
  }
}

/** Whether the file of records is there and is what the header says. */
export async function hasRecords(
  path: string,
  { size, samples, sha256 }: Pick<Header, 'size' | 'samples' | 'sha256'>,
): Promise<boolean> {
  try {
    if ((await stat(path)).size !== samples * size * size * 3) return false
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
    return hash.digest('hex') === sha256
  } catch (error) {
    if (isNotThere(error)) return false
    throw error
  }
}
