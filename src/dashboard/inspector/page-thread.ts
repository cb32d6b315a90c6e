/** The thread that serves the inspector's page. */

import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../../errors/chronograd-error.ts'
import type { PageData } from '../../inspect/inspect-locally.ts'
import type { NumberedMessage, ThreadTells, ThreadTold } from '../../inspect/inspector.ts'
import { KeptMessages, keptUnlessGiven } from '../../inspect/kept-messages.ts'
import { openBrowser } from '../open-browser.ts'
import { PageServer } from './page-server.ts'

const { taken, port, open, events } = workerData as PageData
const tell = (told: ThreadTells) => parentPort?.postMessage(told)

// What comes before the server is there is taken as well.
const kept = new KeptMessages<NumberedMessage>({ ...keptUnlessGiven, messages: 2 * events })
const page = new PageServer(kept)

parentPort?.on('message', async (told: ThreadTold) => {
  if (told === 'close') {
    await page.close()
    parentPort?.close()
  } else if ('leftOut' in told) kept.leaveOut(told.leftOut)
  else {
    for (const message of told.messages) kept.add(message)
    Atomics.add(taken, 0, 1)
    page.wake()
  }
})

try {
  const address = await page.listen(port)
  tell({ ready: address })
  if (open) {
    openBrowser(address, reason => tell({ notice: `No browser could be opened (${reason}): open ${address}` }))
  }
} catch (error) {
  tell({ failed: describeError(error) })
}
