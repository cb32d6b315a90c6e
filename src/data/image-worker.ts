import { workerData } from 'node:worker_threads'
import { answerQuestions } from './answer-questions.ts'
import { ImageReader, type ImageReaderOptions } from './image-reader.ts'
import type { ImageQuestion } from './image-threads.ts'

// The threads that `ImageThreads` starts.
const reader = new ImageReader(workerData as ImageReaderOptions)
answerQuestions(({ samples, epoch, images }: ImageQuestion) => {
  reader.varied(samples, epoch, images)
  return { answer: undefined, transferred: [] }
})
