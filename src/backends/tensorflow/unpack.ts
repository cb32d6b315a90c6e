import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { openPromise } from 'yauzl'
import { TensorflowSetupError } from './setup-error.ts'

/** Where an archive's entry goes, relative to the target folder; undefined leaves it out. */
export type EntryPlace = (name: string) => string | undefined

/**
 * Unpacks the files of a gzipped tar archive that `place` finds a place for.
 *
 * @throws TensorflowSetupError if an entry would land outside `target`
 */
export async function unpackTarball(archive: string, target: string, place: EntryPlace): Promise<void> {
  const entries = extract()
  await Promise.all([
    pipeline(createReadStream(archive), createGunzip(), entries),
    (async () => {
      for await (const entry of entries) {
        const destination = entry.header.type === 'file' ? place(entry.header.name) : undefined
        if (destination === undefined) entry.resume()
        else await writeEntry(entry, target, destination)
      }
    })(),
  ])
}

/**
 * Unpacks the files of a zip archive, such as a Python wheel, that `place` finds a place for. Programs stay programs.
 *
 * @param onBytes called with how many bytes have been written since the last call
 * @throws TensorflowSetupError if an entry would land outside `target`
 */
export async function unpackZip(
  archive: string,
  target: string,
  place: EntryPlace,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const zip = await openPromise(archive, { autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) {
      const destination = entry.fileName.endsWith('/') ? undefined : place(entry.fileName)
      if (destination === undefined) continue
      // The upper half is the file's mode, where the archive was made on a system that has one.
      const mode = (entry.externalFileAttributes >>> 16) & 0o100 ? 0o755 : 0o644
      await writeEntry(counted(await zip.openReadStreamPromise(entry), onBytes), target, destination, mode)
    }
  } finally {
    zip.close()
  }
}

async function* counted(content: AsyncIterable<unknown>, onBytes: (bytes: number) => void): AsyncIterable<unknown> {
  for await (const chunk of content) {
    onBytes((chunk as Buffer).length)
    yield chunk
  }
}

async function writeEntry(
  content: AsyncIterable<unknown>,
  target: string,
  destination: string,
  mode = 0o644,
): Promise<void> {
  const path = resolve(target, destination)
  if (!path.startsWith(resolve(target) + sep)) {
    throw new TensorflowSetupError(
      `The archive's entry ${destination} would be written outside ${target}; it is refused.`,
    )
  }
  await mkdir(dirname(path), { recursive: true })
  await pipeline(content, createWriteStream(path, { mode }))
}
