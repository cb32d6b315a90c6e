import { mkdirSync } from 'node:fs'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { stepCompleted } from './facts.ts'
import {
  checkpointCaptured,
  checkpointSaved,
  diagnosisRaised,
  epochStarted,
  runCreated,
  runResumed,
  runStarted,
  shortPlan,
} from './training-facts.ts'

/** The plan of one epoch, in which nothing but steps is due. */
const plan = { ...shortPlan, epochs: 1, stepsPerEpoch: 8, totalSteps: 8, evaluateEvery: 8, checkpointEvery: 8 }

function step(number: number, loss: number): TrainingFact {
  return stepCompleted(number, { loss, metrics: {} })
}

/**
 * The events of a run whose second attempt went on after its second step, of four, and came to the third: versions 1 to
 * 9 and 10 to 12.
 */
const attempts: readonly (readonly TrainingFact[])[] = [
  [
    runCreated(),
    runStarted(plan),
    epochStarted(1, 0),
    step(1, 8),
    step(2, 6),
    checkpointCaptured('step-2', 2, 'manual'),
    checkpointSaved('step-2', 2),
    step(3, 1),
    step(4, 2),
  ],
  [runResumed(2, 'step-2', 2, plan), step(3, 4), diagnosisRaised(3)],
]

/** Writes the log of a run of two attempts, `short`, into the store at a folder. */
export function writeTwoAttempts(folder: string): void {
  const store = new Store(folder)
  mkdirSync(store.folder, { recursive: true })
  const journal = Journal.open(store.journalPath)
  for (const [index, facts] of attempts.entries()) {
    const meta = { attempt: index + 1 }
    journal.append(
      'run/short',
      facts.map((fact): NewEvent => ({ ...fact, meta })),
    )
  }
  journal.close()
}
