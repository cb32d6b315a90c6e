import type { Colour } from '../../src/data/decode-picture.ts'
import type { Picture, Sample } from '../../src/data/source.ts'

/** A picture of one colour. */
export function plainPicture(width: number, height: number, colour: Colour): Picture {
  return { width, height, pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3] ?? 0) }
}

/** A picture whose every byte differs from its neighbours, and from those of other numbers. */
export function noisePicture(size: number, number: number): Picture {
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, i) => ((i + 1) * 2654435761 + number * 40503) >>> 7)
  return { width: size, height: size, pixels }
}

/** Samples with small pictures and one to three captions each. */
export function tinySamples(count: number, size = 4): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `sample-${index}`,
    image: noisePicture(size, index),
    captions: Array.from({ length: 1 + (index % 3) }, (_, caption) => `picture ${index} in words ${caption}`),
  }))
}
