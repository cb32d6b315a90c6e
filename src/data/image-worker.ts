import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import { ImageReader, type ImageReaderOptions } from './image-reader.ts'
import type { ImageAnswer, ImageRequest } from './image-thread.ts'

// The thread that `ImageThread` starts: it answers requests for pictures one after another.
if (parentPort === null) throw new Error('image-worker is started by ImageThread, as a worker thread.')
const port = parentPort
const reader = new ImageReader(workerData as ImageReaderOptions)

port.on('message', ({ id, samples, epoch }: ImageRequest) => {
  try {
    const images = reader.varied(samples, epoch)
    port.postMessage({ id, images } satisfies ImageAnswer, [images.buffer])
  } catch (error) {
    port.postMessage({ id, error: describeError(error) } satisfies ImageAnswer)
  }
})
