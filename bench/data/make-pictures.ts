import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import sharp from 'sharp'
import { pack } from 'tar-stream'
import { root } from '../../scripts/root.ts'
import { type PictureKind, pictureKinds, shards } from './data-case.ts'
import { drawPicture } from './draw-picture.ts'

/** Counts the changes to what is drawn. */
const version = 1

/** Where the pictures of a kind lie: `samples.jsonl` with its files, and `shard-0.tar` to `shard-7.tar`. */
export function folderOf(kind: keyof typeof pictureKinds): string {
  return path.join(root, 'bench/data/pictures', pictureKinds[kind].extension)
}

let made: Promise<void> | undefined

/** Makes all pictures, unless an earlier benchmark did. */
export function makePictures(): Promise<void> {
  made ??= makeMissing()
  return made
}

async function makeMissing(): Promise<void> {
  for (const [name, kind] of Object.entries(pictureKinds)) {
    const folder = folderOf(name as keyof typeof pictureKinds)
    const stamp = path.join(folder, 'made.json')
    const made = JSON.stringify({ version, ...kind })
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made) continue
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    await makeKind(folder, kind)
    writeFileSync(stamp, made)
  }
}

async function makeKind(folder: string, { extension, width, height, count }: PictureKind): Promise<void> {
  const lines: string[] = []
  const archives = Array.from({ length: shards }, (_, number) => {
    const archive = pack()
    return { archive, written: pipeline(archive, createWriteStream(path.join(folder, `shard-${number}.tar`))) }
  })
  for (let number = 0; number < count; number++) {
    const { pixels } = drawPicture(number, width, height)
    const picture = sharp(pixels, { raw: { width, height, channels: 3 } })
    const bytes = await (extension === 'jpg' ? picture.jpeg({ quality: 90 }) : picture.png()).toBuffer()
    const name = String(number).padStart(5, '0')
    const caption = `picture ${number} of clouds with things before them`
    writeFileSync(path.join(folder, `${name}.${extension}`), bytes)
    lines.push(JSON.stringify({ image: `${name}.${extension}`, caption }))
    const archive = archives[Math.floor((number * shards) / count)]?.archive
    archive?.entry({ name: `${name}.${extension}` }, bytes)
    archive?.entry({ name: `${name}.txt` }, caption)
  }
  for (const { archive } of archives) archive.finalize()
  await Promise.all(archives.map(({ written }) => written))
  writeFileSync(path.join(folder, 'samples.jsonl'), lines.join('\n'))
}
