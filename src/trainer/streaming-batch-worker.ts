import { workerData } from 'node:worker_threads'
import { answerQuestions } from '../data/answer-questions.ts'
import { Augmenter, toFloats } from '../data/augmenter.ts'
import { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import { Random } from '../random/random.ts'
import type { StreamingBatchOptions, StreamingBatchQuestion } from './streaming-data-handler.ts'

// The thread that `StreamingDataHandler` starts: it varies decoded pictures and encodes captions.
const { tokenizer: json, size, tokenLength, seed, augmentation, background } = workerData as StreamingBatchOptions
const tokenizer = Tokenizer.fromJSON(json)
const augmenter = augmentation && new Augmenter(size, augmentation, background)
const recordBytes = size * size * 3

answerQuestions(({ records, captions, samples, epoch }: StreamingBatchQuestion) => {
  const images = new Float32Array(records.length)
  const tokens = new Int32Array(captions.length * tokenLength)
  for (const [row, sample] of samples.entries()) {
    const at = row * recordBytes
    if (augmenter === undefined) toFloats(records, at, recordBytes, images, at)
    else augmenter.augment(records, at, new Random(seed, 'augmentation', epoch, sample), images, at)
    tokens.set(tokenizer.encode(captions[row] ?? '', tokenLength), row * tokenLength)
  }
  return { answer: { images, tokens }, transferred: [images.buffer, tokens.buffer] }
})
