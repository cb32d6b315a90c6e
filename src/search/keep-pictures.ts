import sharp from 'sharp'
import { decodePicture, PictureError } from '../data/decode-picture.ts'
import type { DecodeProgress } from '../data/picture-cache.ts'
import type { Sample, Source } from '../data/source.ts'
import { PictureAlbum } from './picture-album.ts'

/** The side of a small picture in pixels: some two kilobytes each, and sharp at half its size on fine screens. */
const side = 96

/** Enough to keep every decoding thread busy. */
const atOnce = 32

/** Of a source's first so many samples small pictures are kept at once; of the others where they are found. */
const mostPictures = 10_000

/** The samples of a source whose small pictures are kept before anybody asks. */
export function albumSamples(source: Source): Sample[] {
  return Array.from({ length: Math.min(mostPictures, source.length) }, (_, index) => source.sample(index))
}

/**
 * Makes small pictures of samples and keeps them in the album at `file`, those aside that it has. One that cannot be decoded
 * has none.
 */
export async function keepPictures(
  file: string,
  samples: readonly Sample[],
  onProgress: (progress: DecodeProgress) => void = () => {},
): Promise<void> {
  const album = PictureAlbum.open(file)
  try {
    const missing = new Set(album.missing(samples.map(({ key }) => key)))
    const wanted = samples.filter(({ key }) => missing.has(key))
    for (let first = 0; first < wanted.length; first += atOnce) {
      const made = await Promise.all(wanted.slice(first, first + atOnce).map(smallPicture))
      album.add(made.flat())
      onProgress({ done: Math.min(first + atOnce, wanted.length), total: wanted.length })
    }
  } finally {
    album.close()
  }
}

async function smallPicture({ key, image }: Sample): Promise<[key: string, webp: Uint8Array][]> {
  try {
    const pixels = await decodePicture(image, { size: side, background: [255, 255, 255] })
    const picture = sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    return [[key, await picture.webp({ quality: 85 }).toBuffer()]]
  } catch (error) {
    if (error instanceof PictureError) return []
    throw error
  }
}
