import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isNotThere } from '../errors/is-not-there.ts'
import type { FeatureMatrix } from '../learning/metrics/feature-matrix.ts'
import { intendedName, removeFile, writeFileAtomically } from '../storage/atomic-file.ts'
import { type SafetensorsEntry, SafetensorsError } from '../storage/safetensors.ts'
import { openSafetensors, type SafetensorsReader } from '../storage/safetensors-reader.ts'
import { writeSafetensors } from '../storage/safetensors-writer.ts'
import type { SplitFeatures } from '../trainer/split-features.ts'
import type { FeatureOrigin } from './kept-files.ts'

/** What of a split's features is needed to search in it. */
export type SearchedSplit = Pick<SplitFeatures, 'images' | 'texts' | 'keys' | 'captions' | 'pictures'>

const format = 'chronograd-features-1'

const labelsSchema = z.strictObject({
  keys: z.array(z.string()),
  captions: z.array(z.string()),
  pictures: z.array(z.int().min(0)),
})

/**
 * Keeps features in a safetensors file that vouches for itself; its name never stands for half of it. Where another process tidies
 * up in the same moment, nothing is kept: they are made again when they are needed.
 */
export async function keepFeatures(
  file: string,
  { images, texts, keys, captions, pictures }: SearchedSplit,
  origin: FeatureOrigin,
): Promise<void> {
  const labels = Buffer.from(JSON.stringify({ keys, captions, pictures: [...pictures] }))
  const written = writeFileAtomically(file, handle =>
    writeSafetensors(
      handle,
      [
        { name: 'images', shape: [images.rows, images.dimension], chunks: () => [images.values] },
        { name: 'texts', shape: [texts.rows, texts.dimension], chunks: () => [texts.values] },
        { name: 'labels', dtype: 'U8', shape: [labels.length], chunks: () => [labels] },
      ],
      { format, ...origin },
      { checksum: true },
    ),
  )
  await written.catch(error => {
    if (!isNotThere(error)) throw error
  })
}

/**
 * Reads features that were kept.
 *
 * @returns undefined where there are none, or the file is damaged or of another origin: then they are made again
 */
export async function readFeatures(file: string, origin: FeatureOrigin): Promise<SearchedSplit | undefined> {
  let reader: SafetensorsReader
  try {
    reader = await openSafetensors(file)
  } catch (error) {
    if (error instanceof SafetensorsError) return undefined
    throw error
  }
  try {
    return isOf(reader, origin) ? await contentOf(reader) : undefined
  } finally {
    await reader.close()
  }
}

/**
 * Removes from a folder what `isNeeded` does not want to keep, by the names of the files, and what processes left that were
 * killed while they wrote.
 */
export async function removeFeatures(folder: string, isNeeded: (name: string) => boolean): Promise<void> {
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    if (intendedName(name) !== undefined || !isNeeded(name)) await removeFile(path.join(folder, name))
  }
}

function isOf({ metadata }: SafetensorsReader, { checkpointSha256, dataSha256 }: FeatureOrigin): boolean {
  return (
    metadata.format === format && metadata.checkpointSha256 === checkpointSha256 && metadata.dataSha256 === dataSha256
  )
}

async function contentOf(reader: SafetensorsReader): Promise<SearchedSplit | undefined> {
  const arrays = new Map<string, { readonly entry: SafetensorsEntry; readonly bytes: Uint8Array; filled: number }>()
  for (const entry of reader.entries) {
    arrays.set(entry.name, { entry, bytes: new Uint8Array(entry.to - entry.from), filled: 0 })
  }
  const { checksum } = await reader.scan(({ name }, bytes) => {
    const array = arrays.get(name)
    if (array === undefined) return
    array.bytes.set(bytes, array.filled)
    array.filled += bytes.length
  })
  const matrix = (name: string): FeatureMatrix | undefined => {
    const { entry, bytes } = arrays.get(name) ?? {}
    const [rows, dimension] = entry?.shape ?? []
    if (bytes === undefined || entry?.dtype !== 'F32' || entry.shape.length !== 2) return undefined
    return { values: new Float32Array(bytes.buffer), rows: rows ?? 0, dimension: dimension ?? 0 }
  }
  const [images, texts] = [matrix('images'), matrix('texts')]
  const labels = labelsSchema.safeParse(parsed(arrays.get('labels')?.bytes))
  if (checksum !== 'right' || images === undefined || texts === undefined || !labels.success) return undefined
  const { keys, captions, pictures } = labels.data
  const fits = images.rows === keys.length && texts.rows === captions.length && captions.length === pictures.length
  if (!fits || pictures.some(picture => picture >= keys.length)) return undefined
  return { images, texts, keys, captions, pictures: Uint32Array.from(pictures) }
}

function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString())
  } catch {
    // No labels of ours, as the schema then says.
    return undefined
  }
}
