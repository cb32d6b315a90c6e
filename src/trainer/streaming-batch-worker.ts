import { workerData } from 'node:worker_threads'
import { answerQuestions } from '../data/answer-questions.ts'
import { Augmenter, toFloats } from '../data/augmenter.ts'
import { decodePicture, PictureError } from '../data/decode-picture.ts'
import { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import { Random } from '../random/random.ts'
import type { BrokenRow, StreamingBatchOptions, StreamingBatchQuestion } from './streaming-data-handler.ts'

// The threads that `StreamingDataHandler` starts: they decode and vary pictures and encode captions.
const { tokenizer: json, size, tokenLength, seed, augmentation, background } = workerData as StreamingBatchOptions
const tokenizer = Tokenizer.fromJSON(json)
const augmenter = augmentation && new Augmenter(size, augmentation, background)
const pictureLength = size * size * 3

async function makeRow(question: StreamingBatchQuestion, row: number): Promise<BrokenRow | undefined> {
  const { pictures, captions, samples, epoch, images, tokens } = question
  const sample = samples[row] as number
  tokens.set(tokenizer.encode(captions[row] ?? '', tokenLength), row * tokenLength)
  try {
    const pixels = await decodePicture(pictures[row] as (typeof pictures)[number], { size, background })
    const at = row * pictureLength
    if (augmenter === undefined) toFloats(pixels, 0, pictureLength, images, at)
    else augmenter.augment(pixels, 0, new Random(seed, 'augmentation', epoch, sample), images, at)
    return undefined
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    return { sample, reason: error.message }
  }
}

answerQuestions(async (question: StreamingBatchQuestion) => {
  const made = await Promise.all(question.pictures.map((_, row) => makeRow(question, row)))
  return { answer: made.filter(each => each !== undefined), transferred: [] }
})
