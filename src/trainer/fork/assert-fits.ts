import { whyStopped } from '../../../machines/early-stopping.ts'
import { CheckpointMismatchError } from '../checkpoint-errors.ts'
import { type PreparationProgress, prepareData } from '../prepare-data.ts'
import type { RunDefinition } from '../run-definition.ts'
import { makeParts } from '../run-parts.ts'
import type { RunSettings } from '../run-settings.ts'
import { ForkError } from './fork-error.ts'
import type { InheritedCheckpoint } from './inherited-checkpoint.ts'
import type { ParentRun } from './parent-run.ts'

/**
 * Makes everything that the fork will train with, and loads the state into it, as its first attempt is going to.
 *
 * @throws ForkError when epochs would be counted otherwise, there is nothing left to do, or the state does not fit
 */
export async function assertFits(
  definition: RunDefinition,
  settings: RunSettings,
  fork: {
    readonly parent: ParentRun
    readonly step: number
    readonly inherited: InheritedCheckpoint
    /** The parent's, in which the tokenizer is. */
    readonly runFolder: string
    readonly scratch: string
    readonly onNotice: (sentence: string) => void
    readonly onPreparing: ((progress: PreparationProgress) => void) | undefined
  },
): Promise<void> {
  const { parent, step, inherited, runFolder, scratch, onNotice, onPreparing } = fork
  const data = await prepareData(definition, settings, {
    runFolder,
    readOnly: true,
    onProgress: onPreparing,
    onSkipped: () => {},
  })
  try {
    const { stepsPerEpoch } = data.train
    if (stepsPerEpoch !== parent.plan.stepsPerEpoch) {
      throw new ForkError(
        `The data makes ${stepsPerEpoch} steps an epoch, and that of ${parent.run} made ${parent.plan.stepsPerEpoch}, so its steps cannot be counted on. Give the data that it was trained on, or as much of other data.`,
      )
    }
    const parts = makeParts(definition, settings, data, { checkpointDir: scratch, onNotice })
    try {
      assertGoesOn(parent.run, step, { plan: parts.plan, progress: inherited.progress })
      await parts.checkpoints.loadCheckpoint(inherited.file, { sha256: inherited.sha256 })
    } catch (error) {
      if (!(error instanceof CheckpointMismatchError) || error.damaged) throw error
      throw new ForkError(
        `The state of ${parent.run} after step ${step} does not fit the fork's settings: ${error.mismatches
          .map(({ description }) => description)
          .slice(0, 4)
          .join(
            '; ',
          )}. Leave what decides which arrays and counters there are: model, loss, freeze, averaging and the kind of schedule.`,
        { cause: error },
      )
    } finally {
      parts.dispose()
    }
  } finally {
    await data.train.close()
    await data.validation?.close()
  }
}

/** @throws ForkError when early stopping would end the fork before its first step */
function assertGoesOn(run: string, step: number, state: Parameters<typeof whyStopped>[0]): void {
  const reason = whyStopped(state)
  if (reason === null) return
  const why =
    reason === 'patience'
      ? `${state.progress.evaluationsWithoutImprovement} evaluations in a row brought no improvement, and that is its patience`
      : 'its last evaluation is beyond its limit of divergence'
  throw new ForkError(
    `A fork of ${run} at step ${step} would be stopped early before its first step: ${why}. Change earlyStopping, or fork an earlier step.`,
  )
}
