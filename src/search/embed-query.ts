import * as tf from '@tensorflow/tfjs-core'
import { toFloats } from '../data/augmenter.ts'
import { decodePicture, PictureError } from '../data/decode-picture.ts'
import type { Sample } from '../data/source.ts'
import { inference } from '../learning/pass.ts'
import type { LoadedModel } from '../trainer/load-model.ts'
import { SearchError } from './search-error.ts'

/** What is searched for: what a text says, or what a picture (a file's path, encoded bytes or pixels) shows. */
export type SearchQuery = { readonly text: string } | { readonly picture: Sample['image'] }

type Embedding = Pick<LoadedModel, 'model' | 'tokenizer' | 'settings'>

/**
 * What a model makes of a query: `dimension` numbers, of length 1.
 *
 * @throws SearchError when the picture cannot be decoded
 */
export async function embedQuery(query: SearchQuery, { model, tokenizer, settings }: Embedding): Promise<Float32Array> {
  const { imageSize, tokenLength } = settings
  if ('text' in query) {
    const tokens = tokenizer.encode(query.text, tokenLength)
    return read(() => model.encodeTexts(tf.tensor2d(tokens, [1, tokenLength], 'int32'), inference))
  }
  const bytes = await decoded(query.picture, imageSize)
  const pixels = new Float32Array(bytes.length)
  toFloats(bytes, 0, bytes.length, pixels, 0)
  return read(() => model.encodeImages(tf.tensor4d(pixels, [1, imageSize, imageSize, 3], 'float32'), inference))
}

async function decoded(picture: Sample['image'], size: number): Promise<Uint8Array> {
  try {
    return await decodePicture(picture, { size, background: [255, 255, 255] })
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    const name = typeof picture === 'string' ? ` ${picture}` : ''
    throw new SearchError(`The picture${name} cannot be searched with: ${error.message.replace(/\.$/, '')}.`, {
      cause: error,
    })
  }
}

function read(encode: () => tf.Tensor2D): Float32Array {
  // A copy, because the cpu backend hands out the tensor's own array.
  return tf.tidy(() => encode().dataSync<'float32'>().slice())
}
