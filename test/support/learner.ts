import { AdamW } from '../../src/learning/adamw.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { CheckpointManager, type CheckpointManagerOptions } from '../../src/trainer/checkpoint-manager.ts'
import { stateOf } from './state.ts'
import { tinyBatch, tinyModel } from './tiny-model.ts'

interface LearnerOptions extends Partial<Omit<CheckpointManagerOptions, 'model' | 'optimizer' | 'checkpointDir'>> {
  readonly seed?: number
  readonly steps?: number
  readonly text?: Parameters<typeof tinyModel>[1]
}

/** A model with its optimizer after some steps, and a manager of their checkpoints. */
export function learner(checkpointDir: string, { seed = 1, steps = 2, text, ...options }: LearnerOptions = {}) {
  const model = text === undefined ? tinyModel(seed) : tinyModel(seed, text)
  const optimizer = new AdamW(model.parameters)
  const train = (from: number, to: number) => {
    for (let step = from; step <= to; step++) {
      trainingStep({ model, optimizer, batch: tinyBatch(4, step), learningRate: 1e-2, seed, step })
    }
  }
  train(1, steps)
  const manager = new CheckpointManager({ model, optimizer, checkpointDir, ...options })
  /** Everything that loading a checkpoint may change, copied. */
  const state = () => [stateOf(model), stateOf(optimizer), manager.state]
  return { model, optimizer, manager, train, state }
}

/** Some progress, unlike that of a manager that is new. */
export const someProgress = { currentEpoch: 5, globalStep: 1000, bestValMetric: 0.85, patienceCounter: 2 }
