import { createHash, type Hash } from 'node:crypto'
import { statSync } from 'node:fs'
import sharp from 'sharp'
import { describeError } from '../errors/chronograd-error.ts'
import type { DecodeSettings } from './decode-picture.ts'
import type { Sample, Source } from './source.ts'
import type { Shard } from './streamed-source.ts'

/** Changes whenever the same input would be decoded or laid out differently by this code. */
const layout = 2

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

/** A hash over some samples of `source`: their keys, texts and images (of files the path, size and time of change). */
export function samplesFingerprint(source: Source, first: number, end: number): string {
  const hash = createHash('sha256')
  for (let index = first; index < end; index++) {
    const { key, captions, group, image } = source.sample(index)
    addText(hash, JSON.stringify([key, captions, group]))
    addImage(hash, image)
  }
  return hash.digest('hex')
}

/**
 * A hash over what a streamed source can say of its shards without reading them. Where one can say nothing, equal
 * fingerprints mean the same source, but not equal pixels: `isLasting` is false.
 */
export function streamFingerprint(
  name: string,
  shards: readonly Shard[],
  { size, background }: DecodeSettings,
): { fingerprint: string; isLasting: boolean } {
  const hash = createHash('sha256')
  const { sharp: sharpVersion, vips: vipsVersion } = sharp.versions
  addText(hash, JSON.stringify(['streamed', layout, name, shards.length, size, background, sharpVersion, vipsVersion]))
  let isLasting = true
  for (const shard of shards) {
    const fingerprint = shard.fingerprint()
    isLasting &&= fingerprint !== undefined
    addText(hash, JSON.stringify([shard.name, fingerprint]))
  }
  return { fingerprint: hash.digest('hex'), isLasting }
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
