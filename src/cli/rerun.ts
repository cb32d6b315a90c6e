import type { Journal } from '../journal/journal.ts'
import { currentEnvironment } from '../trainer/environment.ts'
import type { ReexecutionReport } from '../trainer/re-execution/reexecute.ts'
import { assertSameBits, repeatableSteps } from '../trainer/re-execution/repeatable-steps.ts'
import {
  loadRecordedConfiguration,
  prepareRecordedBackend,
  type RecordedOptions,
  recordedConfiguration,
} from './recorded-configuration.ts'
import { RerunDisplay } from './rerun-display.ts'

/** What of a run is trained again, and with what. */
export interface RerunOptions extends RecordedOptions {
  readonly store: string
  readonly from?: number
  readonly steps?: number
}

/**
 * Loads what training a run again needs.
 *
 * @returns trains it again before a person's eyes
 * @throws UsageError when there is no configuration
 * @throws ReexecutionError when there are no such steps, or their bits would come out otherwise here
 */
export async function prepareRerun(
  journal: Journal,
  run: string,
  { store, from, steps, config, backend: choice, allowDifferentEnvironment = false }: RerunOptions,
): Promise<() => Promise<ReexecutionReport>> {
  const { timeline, range, environment } = repeatableSteps(journal, run, { from, steps })
  const configuration = await loadRecordedConfiguration(run, recordedConfiguration(journal, run), config)
  const backend = await prepareRecordedBackend(environment, choice)
  if (!allowDifferentEnvironment) assertSameBits(run, timeline, range, currentEnvironment(backend))
  const definition = await configuration(backend.name)
  const { reexecute } = await import('../trainer/re-execution/reexecute.ts')
  return async () => {
    const display = new RerunDisplay()
    const { onPreparing, onNotice, onProgress } = display
    try {
      return await reexecute(definition, {
        ...{ run, store, backend, allowDifferentEnvironment },
        ...(from !== undefined && { from }),
        ...(steps !== undefined && { steps }),
        ...{ onPreparing, onNotice, onProgress },
      })
    } finally {
      display.close()
    }
  }
}
