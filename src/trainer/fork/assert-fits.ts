import { CheckpointMismatchError } from '../checkpoint-errors.ts'
import { type PreparationProgress, prepareData } from '../prepare-data.ts'
import type { RunDefinition } from '../run-definition.ts'
import { makeParts } from '../run-parts.ts'
import type { RunSettings } from '../run-settings.ts'
import { ForkError } from './fork-error.ts'
import type { ParentRun } from './parent-run.ts'

/**
 * Makes everything that the fork will train with, and loads the state into it, as its first attempt is going to.
 *
 * @throws ForkError when epochs would be counted otherwise, or the state does not fit
 */
export async function assertFits(
  definition: RunDefinition,
  settings: RunSettings,
  fork: {
    readonly parent: ParentRun
    readonly step: number
    readonly file: string
    readonly sha256: string
    readonly runFolder: string
    readonly onNotice: (sentence: string) => void
    readonly onPreparing: ((progress: PreparationProgress) => void) | undefined
  },
): Promise<void> {
  const { parent, step, file, sha256, runFolder, onNotice, onPreparing } = fork
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
    const parts = makeParts(definition, settings, data, { checkpointDir: runFolder, onNotice })
    try {
      await parts.checkpoints.loadCheckpoint(file, { sha256 })
    } catch (error) {
      if (!(error instanceof CheckpointMismatchError)) throw error
      throw new ForkError(
        `The state of ${parent.run} after step ${step} does not fit the fork's settings: ${error.mismatches
          .map(({ description }) => description)
          .slice(0, 4)
          .join('; ')}. Change only what leaves the arrays as they are.`,
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
