import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { describeError } from '../errors/chronograd-error.ts'
import { SourceError } from './source-error.ts'

/** One file in an archive. Its name is a label and nothing else: no file is ever written. */
export interface TarEntry {
  readonly name: string
  /** How many bytes the archive says that the file has. */
  readonly size: number
  /** Its content, or undefined where it is larger than asked for: then it was passed over. */
  readonly bytes: Buffer | undefined
}

// A shard of pictures hardly shrinks, and one of captions tenfold; a bomb grows a thousandfold.
const maximumGrowth = 100
const freeGrowthBytes = 64 * 2 ** 20

/**
 * The files in a tar archive, plain or compressed with gzip (told by its first bytes, whatever it is called), one after
 * another. Memory holds one file at a time, of at most `limit(name)` bytes; of those that are larger nothing is kept.
 *
 * @throws SourceError where the archive is missing, damaged, cut short, or grows out of proportion when decompressed
 */
export async function* readTar(path: string, limit: (name: string) => number): AsyncGenerator<TarEntry, void, void> {
  const archive = extract()
  const ended = new AbortController()
  const reading = feed(path, archive, ended.signal)
  // Its error also destroys `archive`, from which the loop gets it.
  reading.catch(() => undefined)
  try {
    for await (const entry of archive) {
      const { name, size, type } = entry.header
      const kept = (type === 'file' || type === 'contiguous-file') && size <= limit(name)
      const chunks: Uint8Array[] = []
      for await (const chunk of entry) if (kept) chunks.push(chunk as Uint8Array)
      if (type === 'file' || type === 'contiguous-file') {
        yield { name, size, bytes: kept ? Buffer.concat(chunks) : undefined }
      }
    }
    await reading
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw new SourceError(`The shard ${path} cannot be read: ${describeError(error)}; fetch or make it again.`, {
      cause: error,
    })
  } finally {
    ended.abort()
    archive.destroy()
  }
}

async function feed(path: string, archive: ReturnType<typeof extract>, signal: AbortSignal): Promise<void> {
  try {
    const gzipped = await isGzip(path)
    const file = createReadStream(path, { highWaterMark: 1 << 18 })
    const target = archive as unknown as NodeJS.WritableStream
    if (!gzipped) return await pipeline(file, target, { signal })
    const gunzip = createGunzip({ chunkSize: 1 << 16 })
    const watch = async function* (chunks: AsyncIterable<Uint8Array>) {
      let bytes = 0
      for await (const chunk of chunks) {
        bytes += chunk.length
        if (bytes > freeGrowthBytes + maximumGrowth * file.bytesRead) {
          throw new SourceError(
            `The shard ${path} grows to more than ${maximumGrowth} times its size when decompressed, as no pictures do; it is not read.`,
          )
        }
        yield chunk
      }
    }
    await pipeline(file, gunzip, watch, target, { signal })
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    if (bytesRead === 0) throw new SourceError(`The shard ${path} is empty; fetch or make it again.`)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}
