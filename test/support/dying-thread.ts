import type { Worker } from 'node:worker_threads'
import type { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'

/** The next thread that this process starts, in the hands of who wants it dead. */
export async function nextThread(): Promise<{ die(): void }> {
  const thread = await new Promise<Worker>(resolve => process.once('worker', resolve))
  // It takes this for one of its messages: an error that nothing in it catches.
  return { die: () => thread.postMessage(null) }
}

/**
 * Trains while a thread dies after the first step. The training stands still until somebody continues it, so that whoever is told
 * of the death can be.
 *
 * @returns how it ended
 */
export async function trainPastDeath(
  trainer: MultimodalTrainer,
  thread: { die(): void },
): ReturnType<MultimodalTrainer['train']> {
  trainer.once('step.completed', () => trainer.pause())
  trainer.once('run.paused', () => thread.die())
  try {
    return await trainer.train()
  } finally {
    trainer.close()
  }
}
