import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { colourRun } from './colour-run.ts'

/**
 * The colour run with everything that has a state or tells facts: averaged weights, a schedule that follows the
 * evaluations, observed layers, gradients over cached features, evaluations and checkpoints within epochs. No
 * checkpoint's file is removed.
 */
export function richRun(changes: Partial<RunDefinition> = {}): RunDefinition {
  return colourRun({
    name: 'rich',
    epochs: 2,
    averaging: { decay: 0.9 },
    schedule: { kind: 'plateau', patience: 2, minimumChange: 0.5, warmUpShare: 0 },
    observe: { gradients: { steps: 3 }, parameters: { steps: 5 } },
    microBatchSize: 3,
    evaluation: { every: { steps: 2 } },
    checkpoints: { every: { steps: 2 }, keepLast: 100, keepBest: 100 },
    ...changes,
  })
}
