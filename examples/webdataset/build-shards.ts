import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'

/** A picture as it goes into a shard: as `<name>.<extension>`, with its texts beside it as `<name>.json`. */
export interface ShardPicture {
  readonly name: string
  readonly extension: string
  readonly bytes: Uint8Array
  readonly captions: readonly string[]
  readonly group: string
}

/**
 * Writes pictures into tar shards in the layout of WebDataset: `<split>-000.tar` and so on, the last one compressed with
 * gzip. Neighbours go into different shards, so that each is a fair part of the whole.
 *
 * @returns the shards' paths
 */
export async function buildShards(
  folder: string,
  split: string,
  pictures: readonly ShardPicture[],
  count: number,
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (let number = 0; number < count; number++) {
    const isLast = number === count - 1
    const file = path.join(folder, `${split}-${String(number).padStart(3, '0')}.tar${isLast ? '.gz' : ''}`)
    const archive = pack()
    for (const { name, extension, bytes, captions, group } of pictures.filter((_, index) => index % count === number)) {
      archive.entry({ name: `${name}.${extension}` }, Buffer.from(bytes))
      archive.entry({ name: `${name}.json` }, JSON.stringify({ caption: captions, group }))
    }
    archive.finalize()
    const target = createWriteStream(file)
    await (isLast ? pipeline(archive, createGzip(), target) : pipeline(archive, target))
    paths.push(file)
  }
  return paths
}
