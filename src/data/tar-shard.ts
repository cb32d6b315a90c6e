import { readTar } from './read-tar.ts'
import type { Sample } from './source.ts'
import { fileState } from './source-fingerprint.ts'
import type { Shard, ShardEntry } from './streamed-source.ts'

/** The fields of a `.json` file that hold the caption or a list of captions, and the sample's group. */
interface Fields {
  readonly captionField: string
  readonly groupField: string
}

export interface TarShardOptions extends Fields {
  readonly path: string
  /** Stands before the keys of its samples. */
  readonly name: string
}

const pictureExtensions = new Set(['png', 'jpg', 'jpeg', 'webp', 'avif', 'svg', 'gif', 'tif', 'tiff'])
const maximumPictureBytes = 64 * 2 ** 20
const maximumTextBytes = 2 ** 20

/** A tar file in the layout of WebDataset. */
export function tarShard(options: TarShardOptions): Shard {
  const { path, name, captionField, groupField } = options
  return {
    name,
    fingerprint: () => JSON.stringify([path, fileState(path), { captionField, groupField }]),
    entries: () => entries(options),
    elsewhere: { module: import.meta.url, options },
  }
}

/** What has been read of one sample. */
interface Parts {
  readonly name: string
  readonly pictures: Buffer[]
  readonly captions: string[]
  group: string | undefined
  problem: string | undefined
}

/** What a tar shard holds; threads that read it elsewhere call this. */
export async function* entries({
  path,
  name: shard,
  ...fields
}: TarShardOptions): AsyncGenerator<ShardEntry, void, void> {
  const seen = new Set<string>()
  let parts: Parts | undefined
  for await (const { name: fullName, size, bytes } of readTar(path, byteLimit)) {
    const [name, extension] = splitName(fullName)
    const kind = kindOf(extension)
    if (kind === undefined) continue
    if (parts?.name !== name) {
      if (parts !== undefined) yield entryOf(parts, shard)
      parts = { name, pictures: [], captions: [], group: undefined, problem: undefined }
      if (seen.has(name)) parts.problem = 'its name came before in this shard; the files of a sample lie together'
      seen.add(name)
    }
    if (bytes === undefined) parts.problem ??= `${fullName} has ${size} bytes, more than are read`
    else if (kind === 'picture') parts.pictures.push(bytes)
    else if (kind === 'txt') parts.captions.push(...linesOf(bytes))
    else readJson(bytes, fullName, fields, parts)
  }
  if (parts !== undefined) yield entryOf(parts, shard)
}

function entryOf({ name, pictures, captions, group, problem }: Parts, shard: string): ShardEntry {
  const key = `${shard}/${name}`
  const [image, another] = pictures
  if (problem !== undefined) return { key, reason: `${problem}.` }
  if (image === undefined) return { key, reason: 'It has no picture.' }
  if (another !== undefined) return { key, reason: `It has ${pictures.length} pictures, and a sample has one.` }
  if (captions.length === 0) return { key, reason: 'It has no caption.' }
  return { key, image, captions: [...new Set(captions)], ...(group !== undefined && { group }) } satisfies Sample
}

/** A file's name up to the first dot after its last slash, and what follows that dot. */
function splitName(fullName: string): [name: string, extension: string] {
  const dot = fullName.indexOf('.', fullName.lastIndexOf('/') + 1)
  return dot < 0 ? [fullName, ''] : [fullName.slice(0, dot), fullName.slice(dot + 1).toLowerCase()]
}

function kindOf(extension: string): 'picture' | 'txt' | 'json' | undefined {
  if (extension === 'txt' || extension === 'json') return extension
  return pictureExtensions.has(extension) ? 'picture' : undefined
}

/** Of files that are passed over nothing is kept. */
function byteLimit(fullName: string): number {
  const kind = kindOf(splitName(fullName)[1])
  if (kind === undefined) return -1
  return kind === 'picture' ? maximumPictureBytes : maximumTextBytes
}

function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
}

function readJson(bytes: Buffer, fullName: string, { captionField, groupField }: Fields, parts: Parts): void {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8'))
  } catch {
    parts.problem ??= `${fullName} is not JSON`
    return
  }
  if (typeof json !== 'object' || json === null) return
  const fields = new Map<string, unknown>(Object.entries(json))
  const captions = fields.get(captionField)
  for (const caption of Array.isArray(captions) ? captions : [captions]) {
    if (typeof caption === 'string' && caption.trim() !== '') parts.captions.push(caption.trim())
  }
  const group = fields.get(groupField)
  if (typeof group === 'string' || typeof group === 'number') parts.group = String(group)
}
