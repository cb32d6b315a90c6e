import type { Worker } from 'node:worker_threads'

/** The next thread that this process starts, in the hands of who wants it dead. */
export async function nextThread(): Promise<{ die(): void }> {
  const thread = await new Promise<Worker>(resolve => process.once('worker', resolve))
  // It takes this for one of its messages: an error that nothing in it catches.
  return { die: () => thread.postMessage(null) }
}
