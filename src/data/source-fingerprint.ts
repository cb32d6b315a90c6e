import { createHash, type Hash } from 'node:crypto'
import { statSync } from 'node:fs'
import sharp from 'sharp'
import { describeError } from '../errors/chronograd-error.ts'
import type { DecodeSettings } from './decode-picture.ts'
import type { Sample, Source } from './source.ts'

/** Changes whenever the same input would be decoded or laid out differently by this code. */
const layout = 1

/**
 * A hash over everything that the decoded pictures of `source` depend on: the samples' keys and images (of files the
 * path, size and time of change), how they are decoded, and the decoders' versions. Equal fingerprints mean equal
 * pixels.
 */
export function sourceFingerprint(source: Source, { size, background }: DecodeSettings): string {
  const hash = createHash('sha256')
  const { sharp: sharpVersion, vips: vipsVersion } = sharp.versions
  addText(hash, JSON.stringify([layout, source.name, source.length, size, background, sharpVersion, vipsVersion]))
  for (let index = 0; index < source.length; index++) {
    const { key, image } = source.sample(index)
    addText(hash, key)
    addImage(hash, image)
  }
  return hash.digest('hex')
}

function addImage(hash: Hash, image: Sample['image']): void {
  if (typeof image === 'string') {
    addText(hash, JSON.stringify(['file', image, fileState(image)]))
  } else if (image instanceof Uint8Array) {
    addText(hash, JSON.stringify(['encoded', image.length]))
    hash.update(image)
  } else {
    addText(hash, JSON.stringify(['pixels', image.width, image.height, image.pixels.length]))
    hash.update(image.pixels)
  }
}

/**
 * A file's size and time of change. They are asked for one file after another, because calls through the thread pool
 * take ten times as long. A file that cannot be asked is not an error here: decoding meets the same error and reports it.
 */
export function fileState(path: string): readonly number[] | string {
  try {
    const { size, mtimeMs } = statSync(path)
    return [size, mtimeMs]
  } catch (error) {
    return describeError(error)
  }
}

/** The length goes before the text, so that no two lists of texts run together into the same bytes. */
function addText(hash: Hash, text: string): void {
  hash.update(`${Buffer.byteLength(text)}:`).update(text)
}
