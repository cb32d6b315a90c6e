import { basename, resolve } from 'node:path'
import { type ParquetPart, ParquetThread } from './parquet-thread.ts'
import { expandShardPaths } from './shard-paths.ts'
import { SourceError } from './source-error.ts'
import { fileState } from './source-fingerprint.ts'
import type { Shard, ShardEntry, StreamedSource } from './streamed-source.ts'

export interface ParquetSourceOptions {
  /** What the source is called in events and reports; the first file's name unless told. */
  readonly name?: string
  /** The column with the encoded picture: bytes, or `{ bytes, path }` as on the Hugging Face hub; `image` unless told. */
  readonly imageColumn?: string
  /** The column with the caption or a list of captions, or several such columns; `caption` unless told. */
  readonly captionColumns?: string | readonly string[]
  /** The column with the sample's key; without it a sample is called by file and row ("train-0 row 12", counted from 0). */
  readonly keyColumn?: string
  /** The column with the sample's group; without it each sample is its own. */
  readonly groupColumn?: string
}

/** The columns that are read. */
interface Columns {
  readonly image: string
  readonly captions: readonly string[]
  readonly key: string | undefined
  readonly group: string | undefined
}

const maximumPictureBytes = 64 * 2 ** 20

/**
 * A source over Parquet files with embedded pictures, as data sets on the Hugging Face hub are stored. One row group is
 * in memory at a time. A row without a picture or a caption, or with a picture above 64 MiB, is left out and told as
 * skipped.
 *
 * @param paths the files' paths, in which `{00000..00011}` counts
 *
 * @example
 * const train = parquetSource('flickr8k/train-{00000..00001}-of-00002.parquet', {
 *   captionColumns: ['caption_0', 'caption_1', 'caption_2', 'caption_3', 'caption_4'],
 * })
 */
export function parquetSource(paths: string | readonly string[], options: ParquetSourceOptions = {}): StreamedSource {
  const files = expandShardPaths(paths)
  const [first] = files
  if (first === undefined) throw new SourceError('A Parquet source has at least one file, and no path is given.')
  const { imageColumn: image = 'image', captionColumns = 'caption', keyColumn: key, groupColumn: group } = options
  const captions = typeof captionColumns === 'string' ? [captionColumns] : captionColumns
  const columns: Columns = { image, captions, key, group }
  const thread = new ParquetThread()
  return {
    name: options.name ?? basename(first),
    async shards() {
      const shards: Shard[] = []
      for (const file of files) shards.push(...(await rowGroupShards(thread, resolve(file), columns)))
      return shards
    },
  }
}

async function rowGroupShards(thread: ParquetThread, path: string, columns: Columns): Promise<Shard[]> {
  const file = await thread.read({ path, columns: [] })
  for (const column of namesOf(columns)) {
    if (!file.columns.includes(column)) {
      throw new SourceError(
        `The Parquet file ${path} has no column "${column}", but ${file.columns.map(each => `"${each}"`).join(', ')}; name the columns in the source's options.`,
      )
    }
  }
  const name = basename(path).replace(/\.parquet$/i, '')
  let firstRow = 0
  return file.rowGroups.map((rows, rowGroup) => {
    const first = firstRow
    firstRow += rows
    return {
      name: `${path} row group ${rowGroup}`,
      fingerprint: () => JSON.stringify([path, fileState(path), rowGroup, columns]),
      async *entries() {
        const { rows } = await thread.read({ path, rowGroup, columns: [...new Set(namesOf(columns))] })
        yield* samplesOf(rows, columns, row => `${name} row ${first + row}`)
      },
    }
  })
}

function namesOf({ image, captions, key, group }: Columns): string[] {
  return [image, ...captions, key, group].filter(column => column !== undefined)
}

function* samplesOf(
  rows: ParquetPart['rows'],
  columns: Columns,
  keyOf: (row: number) => string,
): Generator<ShardEntry, void, void> {
  for (const [index, row] of rows.entries()) {
    const key = (columns.key === undefined ? undefined : textOf(row[columns.key])) ?? keyOf(index)
    const group = columns.group === undefined ? undefined : textOf(row[columns.group])
    const image = pictureOf(row[columns.image])
    const captions = columns.captions.flatMap(column => captionsOf(row[column]))
    if (image === undefined) yield { key, reason: 'It has no embedded picture.' }
    else if (image.length > maximumPictureBytes) {
      yield {
        key,
        reason: `Its picture has ${image.length} bytes, more than the ${maximumPictureBytes} that are read.`,
      }
    } else yield { key, image, captions, ...(group !== undefined && { group }) }
  }
}

/** The bytes of a binary column or of a struct that has them. */
function pictureOf(value: unknown): Uint8Array | undefined {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value
  return bytes instanceof Uint8Array && bytes.length > 0 ? bytes : undefined
}

function captionsOf(value: unknown): string[] {
  const captions = (Array.isArray(value) ? value : [value]).map(textOf)
  return captions.filter(caption => caption !== undefined)
}

/** Text, whether or not the file says that its bytes are such; numbers as they are written. */
function textOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return textOf(new TextDecoder().decode(value))
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') return undefined
  return value.trim() === '' ? undefined : value.trim()
}
