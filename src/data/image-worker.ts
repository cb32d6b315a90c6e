import { workerData } from 'node:worker_threads'
import { answerQuestions } from './answer-questions.ts'
import { ImageReader, type ImageReaderOptions } from './image-reader.ts'
import type { ImageQuestion } from './image-thread.ts'

// The thread that `ImageThread` starts.
const reader = new ImageReader(workerData as ImageReaderOptions)
answerQuestions(({ samples, epoch }: ImageQuestion) => {
  const images = reader.varied(samples, epoch)
  return { answer: images, transferred: [images.buffer] }
})
