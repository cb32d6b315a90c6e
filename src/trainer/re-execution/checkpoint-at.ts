import type { Progress } from '../../../machines/trainer-context.ts'
import { describeValue } from '../../history/fact-difference.ts'
import type { SavedCheckpoint } from '../checkpoint-manager.ts'
import type { RunDefinition } from '../run-definition.ts'
import { openReexecution } from './open-re-execution.ts'
import { ReexecutionError } from './re-execution-error.ts'
import type { ReexecutionOptions } from './re-execution-options.ts'

/** A checkpoint that a run did not save, made after the fact. */
export interface RemadeCheckpoint extends SavedCheckpoint {
  /** The run's progress after the step. */
  readonly progress: Progress
  /** The metric of the evaluation after the step, where there was one. */
  readonly metric: number | null
  /** The first step that had to be done again for it. */
  readonly from: number
}

/**
 * Brings a run to exactly one of its steps, with the evaluation after it where there was one, and saves its state: from
 * the nearest whole checkpoint at or before the step, everything that was logged since is done again and compared bit by
 * bit. The store is only read.
 *
 * @param options `step`: of the run's current timeline, 1-based; `file`: where the checkpoint is to lie
 * @throws ReexecutionError when there is no such step, the environment is another and that is not allowed, or something
 *   came out otherwise than it was logged; then there is no file
 * @throws ResumeError when there is no such run, or its data or model is not what it was
 *
 * @example
 * const { progress } = await checkpointAt(definition, { run: 'pets', step: 512, file: 'pets-512.safetensors' })
 */
export async function checkpointAt(
  definition: RunDefinition,
  options: ReexecutionOptions & { readonly step: number; readonly file: string },
): Promise<RemadeCheckpoint> {
  const { run, step, file } = options
  return await openReexecution(definition, options, { at: step }, async (reexecution, from) => {
    await reexecution.run()
    const { failed, firstDifference: first } = reexecution.comparison
    if (failed && first !== undefined) {
      throw new ReexecutionError(
        `The run ${run} cannot be brought to step ${step}: done again, ${first.field} of ${first.type} at step ${first.step} is ${describeValue(first.computed)}, but the log says ${describeValue(first.logged)} (event ${first.version}).`,
      )
    }
    return { ...(await reexecution.save(file)), progress: reexecution.progress, from }
  })
}
