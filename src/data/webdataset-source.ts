import { basename, resolve } from 'node:path'
import { readTar } from './read-tar.ts'
import { expandShardPaths } from './shard-paths.ts'
import type { Sample } from './source.ts'
import { SourceError } from './source-error.ts'
import { fileState } from './source-fingerprint.ts'
import type { Shard, ShardEntry, StreamedSource } from './streamed-source.ts'

export interface WebDatasetOptions {
  /** What the source is called in events and reports; the first shard's name unless told. */
  readonly name?: string
  /** The field of a `.json` file that holds the caption or a list of captions; `caption` unless told. */
  readonly captionField?: string
  /** The field of a `.json` file that holds the sample's group; `group` unless told. */
  readonly groupField?: string
}

type Fields = Required<Pick<WebDatasetOptions, 'captionField' | 'groupField'>>

const pictureExtensions = new Set(['png', 'jpg', 'jpeg', 'webp', 'avif', 'svg', 'gif', 'tif', 'tiff'])
const maximumPictureBytes = 64 * 2 ** 20
const maximumTextBytes = 2 ** 20

/**
 * A source over tar shards in the layout of WebDataset, plain or compressed with gzip. The files that share a name up to
 * its first dot are a sample and lie one after another:
 *
 * ```
 * cat-1.jpg    cat-1.txt
 * dog-7.webp   dog-7.json    {"caption": ["a dog", "a brown dog"], "group": "dog"}
 * ```
 *
 * The picture is the file with a picture's extension; each line of a `.txt` file is a caption. A sample is called
 * `<shard>/<name>`. Files of other kinds are passed over. A sample without a picture or a caption, with more than one
 * picture, or with a picture above 64 MiB is left out and told as skipped. Nothing is unpacked to the disk.
 *
 * @param paths the shards' paths, in which `{000..009}` counts
 * @throws SourceError where a path is given twice
 *
 * @example
 * const train = webDataset('pets/train-{000..011}.tar')
 */
export function webDataset(paths: string | readonly string[], options: WebDatasetOptions = {}): StreamedSource {
  const files = expandShardPaths(paths)
  const { captionField = 'caption', groupField = 'group' } = options
  const [first] = files
  if (first === undefined) throw new SourceError('A WebDataset has at least one shard, and no path is given.')
  const names = shardNames(files)
  const shards = files.map((file, index) => tarShard(resolve(file), names[index] ?? file, { captionField, groupField }))
  return { name: options.name ?? basename(first), shards: async () => shards }
}

/** The files' names without folder and extension, or, where two files share one, their paths. */
function shardNames(files: readonly string[]): string[] {
  const short = files.map(file => basename(file).replace(/\.(tar|tgz|tar\.gz)$/i, ''))
  return new Set(short).size === short.length ? short : [...files]
}

function tarShard(path: string, name: string, fields: Fields): Shard {
  return {
    name,
    fingerprint: () => JSON.stringify([path, fileState(path), fields]),
    entries: () => tarSamples(path, name, fields),
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

async function* tarSamples(path: string, shard: string, fields: Fields): AsyncGenerator<ShardEntry, void, void> {
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
