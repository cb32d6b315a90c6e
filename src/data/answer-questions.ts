import { parentPort, type TransferListItem } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import type { ThreadAnswer, ThreadRequest } from './request-thread.ts'

/**
 * The other side of a `RequestThread`: answers one question after another. To be called once, in the thread's module.
 *
 * @param answer gives the answer, and the buffers in it that are given away and not copied
 */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => { answer: Answer; transferred: readonly TransferListItem[] },
): void {
  if (parentPort === null) throw new Error('This module is started by a RequestThread, as a worker thread.')
  const port = parentPort
  port.on('message', ({ id, question }: ThreadRequest<Question>) => {
    try {
      const { answer: given, transferred } = answer(question)
      port.postMessage({ id, answer: given } satisfies ThreadAnswer<Answer>, transferred)
    } catch (error) {
      port.postMessage({ id, error: describeError(error) } satisfies ThreadAnswer<Answer>)
    }
  })
}
