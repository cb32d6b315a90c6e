import { closeSync, openSync, readSync } from 'node:fs'
import type { JsonRows } from './json-rows.ts'
import type { DecodedPictures } from './picture-cache.ts'
import type { Picture, Sample, Source, UnusableSample } from './source.ts'
import { SourceError } from './source-error.ts'

/** A source that was read through once: its pictures lie decoded in one file, so that any sample can be read at once. */
export interface DecodedSource extends Source {
  readonly decoded: DecodedPictures
}

/** What is kept of a sample beside its picture. */
export type SampleTexts = Pick<Sample, 'key' | 'captions' | 'group'>

/** The source over decoded pictures and, for each, the texts that go with it. */
export function decodedSource(
  name: string,
  decoded: DecodedPictures,
  texts: JsonRows<SampleTexts>,
  unusable: readonly UnusableSample[],
): DecodedSource {
  return {
    name,
    length: texts.length,
    decoded,
    unusable,
    sample(index) {
      if (!Number.isInteger(index) || index < 0 || index >= texts.length) {
        throw SourceError.noSuchSample(name, index, texts.length)
      }
      return {
        ...texts.at(index),
        // Most who ask for a sample want its texts.
        get image() {
          return readPicture(decoded, index)
        },
      }
    },
  }
}

/** Tells sources whose pictures are decoded from others. */
export function isDecoded(source: Source): source is DecodedSource {
  return 'decoded' in source
}

function readPicture({ path, size }: DecodedPictures, index: number): Picture {
  const pixels = new Uint8Array(size * size * 3)
  const descriptor = openSync(path, 'r')
  try {
    if (readSync(descriptor, pixels, 0, pixels.length, index * pixels.length) !== pixels.length) {
      throw new SourceError(
        `${path} ends before the picture of sample ${index}; delete the file, so that it is made anew.`,
      )
    }
  } finally {
    closeSync(descriptor)
  }
  return { width: size, height: size, pixels }
}
