import { parentPort, type TransferListItem } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import type { ThreadAnswer, ThreadRequest } from './request-thread.ts'

/** An answer, and the buffers in it that are given away and not copied. */
interface Given<Answer> {
  readonly answer: Answer
  readonly transferred: readonly TransferListItem[]
}

/**
 * The other side of a `RequestThread`: answers one question after another, or, where an answer takes its time, others
 * meanwhile. To be called once, in the thread's module.
 */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Given<Answer> | Promise<Given<Answer>>,
): void {
  if (parentPort === null) throw new Error('This module is started by a RequestThread, as a worker thread.')
  const port = parentPort
  port.on('message', async ({ id, question }: ThreadRequest<Question>) => {
    try {
      const { answer: given, transferred } = await answer(question)
      port.postMessage({ id, answer: given } satisfies ThreadAnswer<Answer>, transferred)
    } catch (error) {
      port.postMessage({ id, error: describeError(error) } satisfies ThreadAnswer<Answer>)
    }
  })
}
