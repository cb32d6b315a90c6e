import { open } from 'node:fs/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { decompressLz4, decompressLz4Raw, decompressSnappy, decompressZstd } from 'hyparquet-compressors'
import { describeError } from '../errors/chronograd-error.ts'
import { SourceError } from './source-error.ts'

/** A Parquet file whose footer has been read. */
export interface ParquetFile {
  /** The names of the columns at the top. */
  readonly columns: readonly string[]
  /** How many rows each row group has. */
  readonly rowGroups: readonly number[]
  /** One row group's rows, with these columns alone. Binary columns give bytes. */
  rows(rowGroup: number, columns: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
}

const maximumReadBytes = 2 ** 30
const maximumPageBytes = 2 ** 28
const maximumRowsPerGroup = 10_000_000
const maximumMetadataBytes = 2 ** 28

/**
 * Opens a Parquet file. Its sizes are not believed: a read beyond the file's end, of a column of more than 1 GiB, of a
 * page of more than 256 MiB or of a row group of more than ten million rows is refused before memory is taken for it.
 *
 * @throws SourceError where the file is missing, damaged, or asks for more than that
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  const metadata = await reading(path, async () => {
    const file = await fileOf(path)
    return await parquetMetadataAsync(limited(file, maximumMetadataBytes), { geoparquet: false })
  })
  const rowGroups = metadata.row_groups.map(group => Number(group.num_rows))
  const [root] = metadata.schema
  for (const [index, rows] of rowGroups.entries()) {
    if (!(rows >= 0 && rows <= maximumRowsPerGroup)) {
      throw new SourceError(
        `Row group ${index} of ${path} says that it has ${rows} rows, more than the ${maximumRowsPerGroup} that are read at once; write the file in smaller row groups.`,
      )
    }
  }
  return {
    columns: topColumns(metadata, root?.num_children ?? 0),
    rowGroups,
    async rows(rowGroup, columns) {
      const rowStart = rowGroups.slice(0, rowGroup).reduce((sum, rows) => sum + rows, 0)
      const rowEnd = rowStart + (rowGroups[rowGroup] ?? 0)
      const rows = await reading(path, async () =>
        parquetReadObjects({
          file: limited(await fileOf(path), maximumReadBytes),
          metadata,
          columns: [...columns],
          rowStart,
          rowEnd,
          compressors,
          utf8: false,
          geoparquet: false,
        }),
      )
      if (rows.length !== rowEnd - rowStart) {
        throw new SourceError(
          `Row group ${rowGroup} of ${path} has ${rows.length} rows where its footer says ${rowEnd - rowStart}; fetch or make it again.`,
        )
      }
      return rows
    },
  }
}

/** The schema is a tree written in depth-first order; the columns at the top are the root's children. */
function topColumns({ schema }: FileMetaData, children: number): string[] {
  const names: string[] = []
  let at = 1
  for (let child = 0; child < children && at < schema.length; child++) {
    names.push(schema[at]?.name ?? '')
    let open = 1
    while (open > 0 && at < schema.length) {
      open += (schema[at]?.num_children ?? 0) - 1
      at++
    }
  }
  return names
}

async function fileOf(path: string): Promise<AsyncBuffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    return { byteLength: size, slice: (start, end) => readRange(path, start, end ?? size) }
  } finally {
    await file.close()
  }
}

async function readRange(path: string, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new ArrayBuffer(end - start)
  const file = await open(path)
  try {
    const { bytesRead } = await file.read(new Uint8Array(bytes), 0, bytes.byteLength, start)
    if (bytesRead !== bytes.byteLength) throw new Error(`it ends at byte ${start + bytesRead}, before byte ${end}`)
    return bytes
  } finally {
    await file.close()
  }
}

/** The same file, from which nothing beyond its end and nothing larger than `bytes` can be read. */
function limited(file: AsyncBuffer, bytes: number): AsyncBuffer {
  const read = async (start: number, end: number) => {
    if (!(start >= 0 && start <= end && end <= file.byteLength)) {
      throw new Error(`it speaks of bytes ${start} to ${end}, and has ${file.byteLength}`)
    }
    if (end - start > bytes)
      throw new Error(`it has a part of ${end - start} bytes, more than the ${bytes} that are read`)
    return await file.slice(start, end)
  }
  return {
    byteLength: file.byteLength,
    slice(start, end = file.byteLength) {
      const range = read(start, end)
      // The reader begins several at once and, when one fails, leaves the others to nobody.
      range.catch(() => undefined)
      return range
    },
  }
}

type Decompress = (input: Uint8Array, length: number) => Uint8Array

function bounded(decompress: Decompress): Decompress {
  return (input, length) => {
    if (!(length >= 0 && length <= maximumPageBytes)) {
      throw new Error(`it has a page of ${length} bytes, more than the ${maximumPageBytes} that are read`)
    }
    return decompress(input, length)
  }
}

// Node's own decompression is native and keeps to the length that it is told.
const compressors = {
  SNAPPY: bounded(decompressSnappy),
  GZIP: bounded((input, length) => gunzipSync(input, { maxOutputLength: Math.max(length, 1) })),
  BROTLI: bounded((input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(length, 1) })),
  ZSTD: bounded((input, length) => decompressZstd(input, new Uint8Array(length))),
  LZ4: bounded(decompressLz4),
  LZ4_RAW: bounded(decompressLz4Raw),
}

async function reading<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw new SourceError(`The Parquet file ${path} cannot be read: ${describeError(error)}; fetch or make it again.`, {
      cause: error,
    })
  }
}
