import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What was copied. */
export interface CopiedBytes {
  readonly bytes: number
  /** In hexadecimal. */
  readonly sha256: string
}

const chunkSize = 1 << 20

/**
 * Copies a file to where there is none yet, and returns when the disk has it.
 *
 * @returns the length and the hash of what was read, which is what was written
 */
export async function copyFile(source: string, destination: string): Promise<CopiedBytes> {
  await mkdir(path.dirname(destination), { recursive: true })
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    createReadStream(source, { highWaterMark: chunkSize }),
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        bytes += chunk.length
        done(null, chunk)
      },
    }),
    createWriteStream(destination, { flags: 'wx', flush: true, highWaterMark: chunkSize }),
  )
  return { bytes, sha256: hash.digest('hex') }
}
