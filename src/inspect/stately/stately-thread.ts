/** The thread that sends messages to Stately's viewer. */

import { parentPort, workerData } from 'node:worker_threads'
import { createSkyInspector } from '@statelyai/inspect'
import type { ThreadData, ThreadTells, ThreadTold } from '../inspector.ts'
import { sendToStately } from './send-to-stately.ts'

const { taken } = workerData as ThreadData
const tell = (told: ThreadTells) => parentPort?.postMessage(told)

/** How long the last messages may take to get there, in milliseconds. */
const lastWords = 1_000

// The package prints where to look on standard output, which may be somebody's data.
console.log = (...words: unknown[]) => {
  const sentence = words.join(' ')
  tell(sentence.startsWith('https://') ? { ready: sentence } : { notice: sentence })
}

let complained = false

const { adapter } = createSkyInspector({
  onerror: error => {
    // What comes is an event with a message rather than an Error. It tries again and again; once is enough to be told.
    if (complained) return
    complained = true
    tell({
      notice: `Stately cannot be reached (${error.message || 'no connection'}); it is tried again. The program goes on, and the page of \`inspectLocally\` needs no network.`,
    })
  },
})

parentPort?.on('message', (told: ThreadTold) => {
  if (told === 'close') {
    setTimeout(() => process.exit(), lastWords)
    return
  }
  if ('leftOut' in told) return
  sendToStately(adapter, told.messages)
  Atomics.add(taken, 0, 1)
})
