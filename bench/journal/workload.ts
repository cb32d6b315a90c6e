import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export const batchSize = 500

/** What a run's log is told of a step. */
export const stepFact = (step: number) => ({
  type: 'step.completed',
  data: {
    step,
    epoch: 1,
    batch: step,
    loss: 5 / step,
    learningRate: 1e-3,
    logitScale: 14.3,
    gradientNorm: 1.7 / step,
    examples: 256,
    durationMs: 250.25,
    dataWaitMs: 1.5,
    metrics: {},
  },
})

/** The facts of a batch, from a step on. */
export const batchFrom = (step: number) => Array.from({ length: batchSize }, (_, index) => stepFact(step + index))

/** Microseconds for each of so many. */
export async function microsecondsEach(count: number, work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return ((performance.now() - began) * 1_000) / count
}

/** Does some work in a folder that is gone afterwards. */
export async function inFolder<Result>(work: (folder: string) => Result | Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws Error when not all events were come across */
export function assertCount(found: number, events: number): void {
  if (found !== events) throw new Error(`${found} events were found of ${events}.`)
}
