import { whyStopped } from '../../machines/early-stopping.ts'
import { describeError } from '../errors/chronograd-error.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { SafetensorsError } from '../storage/safetensors.ts'
import type { Store } from '../storage/store.ts'
import { CheckpointError } from './checkpoint-errors.ts'
import type { CheckpointManager } from './checkpoint-manager.ts'
import { loadBest } from './resume-point.ts'
import type { RunLog } from './run-log.ts'

interface EndingRun {
  readonly log: RunLog
  readonly store: Store
  readonly checkpoints: CheckpointManager
  /** Whether the model takes back the weights of its best checkpoint. */
  readonly restoreBest: boolean
  readonly onNotice: (sentence: string) => void
}

/** What is left to do when every step is done or the run was stopped early: the best weights, and the closing fact. */
export async function endRun(run: EndingRun): Promise<void> {
  if (run.restoreBest) await restoreBest(run)
  faultPoint('run.ending')
  await run.log.append([closingFact(run.log)])
  faultPoint('run.ended')
}

async function restoreBest({ log, store, checkpoints, onNotice }: EndingRun): Promise<void> {
  const { context } = log.state
  try {
    const checkpoint = await loadBest(context, checkpoints, store)
    if (checkpoint === undefined) return
    await log.append([{ type: 'weights.restored', data: { checkpoint, step: context.progress.step } }])
  } catch (error) {
    // Trained it is all the same, and the file is named for whoever wants to look into it.
    if (!(error instanceof CheckpointError || error instanceof SafetensorsError)) throw error
    onNotice(`The model keeps the weights of its last step, for the best ones are lost: ${describeError(error)}`)
  }
}

function closingFact({ state: { context } }: RunLog) {
  const { plan, progress } = context
  const { step, epochsCompleted, best } = progress
  const reason = whyStopped(context)
  if (plan === null || reason === null || step >= plan.totalSteps) {
    return { type: 'run.completed', data: { step, epochs: epochsCompleted } } as const
  }
  const data = { step, reason, metric: plan.metric.name, best, patience: plan.earlyStopping?.patience ?? 0 }
  return { type: 'run.early-stopped', data } as const
}
