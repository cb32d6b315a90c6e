import type { RunDefinition } from '../run-definition.ts'
import type { ComparedFacts, ReexecutedDifference } from './comparison.ts'
import { openReexecution } from './open-re-execution.ts'
import type { ReexecutionOptions } from './re-execution-options.ts'

/** What came of doing a training again. */
export interface ReexecutionReport extends ComparedFacts {
  /** The first and the last step that were done again. */
  readonly from: number
  readonly to: number
  /** Whether nothing differs that should not. */
  readonly ok: boolean
  /**
   * The first difference, with which the re-execution ended; or, where differences were to be expected, the first of
   * those. Null when all came out bit by bit as it was logged.
   */
  readonly firstDifference: ReexecutedDifference | null
  /** How many facts differ. */
  readonly differing: number
  /** Why differences were to be expected; empty where every bit had to be the same. */
  readonly expected: readonly string[]
}

/**
 * Trains again what a run's log tells, from its own settings and the nearest checkpoint, and compares bit by bit: every
 * step's loss, gradient norm, learning rate, logit scale and metrics, what was observed of the layers, every evaluation,
 * and the SHA-256 that each checkpoint of the log would have now. Superseded steps are passed over. Nothing is written
 * into the store.
 *
 * A model or an optimizer that the definition hands in as an object must be as it was when the run began, and is trained.
 *
 * @param options `from`: the first step that is to be done again, the run's first unless given; it begins at the
 *   nearest checkpoint before that is whole. `steps`: how many from there, all unless given
 * @throws ReexecutionError when there is no such step, or the environment is another and that is not allowed
 * @throws ResumeError when there is no such run, or its data or model is not what it was
 *
 * @example
 * const { ok, firstDifference } = await reexecute(definition, { run: 'pets', from: 500, steps: 100 })
 * if (!ok) console.error(firstDifference)
 */
export async function reexecute(
  definition: RunDefinition,
  options: ReexecutionOptions & { readonly from?: number; readonly steps?: number },
): Promise<ReexecutionReport> {
  const { from, steps } = options
  return await openReexecution(definition, options, { from, steps }, async (reexecution, begin) => {
    await reexecution.run()
    const { compared, failed, firstDifference, differing, everExpected } = reexecution.comparison
    return {
      from: begin,
      to: reexecution.progress.step,
      ...compared,
      ok: !failed,
      firstDifference: firstDifference ?? null,
      differing,
      expected: everExpected,
    }
  })
}
