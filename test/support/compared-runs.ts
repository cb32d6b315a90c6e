import { mkdirSync } from 'node:fs'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { stepCompleted } from './facts.ts'
import { createdFrom, createdWith } from './fork-facts.ts'
import { epochCompleted, epochStarted, evaluationCompleted, runStarted, shortPlan } from './training-facts.ts'

/** A name that would be a script if it were not text, and that an address must not take apart. */
export const hostile = '<img src=x onerror="document.title=1">, a/b?c&d#e'

const plan = { ...shortPlan, earlyStopping: null, checkpointEvery: null, checkpointBest: false, evaluateEvery: 4 }

/** Four steps in one epoch or in two, with an evaluation after them. */
function trained(losses: readonly number[], stepsPerEpoch: number, recall: number): TrainingFact[] {
  const own = { ...plan, epochs: 16 / stepsPerEpoch, stepsPerEpoch, totalSteps: 16 }
  const steps = losses.flatMap((loss, index): TrainingFact[] => {
    const [step, epoch] = [index + 1, Math.floor(index / stepsPerEpoch) + 1]
    return [
      ...(index % stepsPerEpoch === 0 ? [epochStarted(epoch, index)] : []),
      stepCompleted(step, { epoch, loss, metrics: {} }),
      ...(step % stepsPerEpoch === 0 ? [epochCompleted(epoch, step)] : []),
    ]
  })
  return [runStarted(own), ...steps, evaluationCompleted(4, { textToImageRecallAt1: recall })]
}

/**
 * Writes three runs: `large`; one with a hostile name, whose batches are half as large and which parts from it at its third
 * step; and `fork`, which nobody has trained, from the second step of `large`.
 */
export function writeComparedRuns(folder: string): void {
  const store = new Store(folder)
  mkdirSync(store.folder, { recursive: true })
  const journal = Journal.open(store.journalPath)
  const large = { batchSize: 8, seed: 1 }
  journal.append('run/large', [createdWith(large, { name: 'large' }), ...trained([8, 6, 5, 4], 2, 0.5)])
  const small = createdWith({ batchSize: 4, seed: 1 }, { name: hostile, tags: ['small'] })
  journal.append(`run/${hostile}`, [small, ...trained([8, 6, 5.5, 5], 4, 0.75)])
  journal.append('run/fork', [createdFrom('large', 2, 5)])
  journal.close()
}
