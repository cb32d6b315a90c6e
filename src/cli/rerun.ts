import type { BackendName } from '../backends/backend.ts'
import type { Journal } from '../journal/journal.ts'
import { currentEnvironment } from '../trainer/environment.ts'
import type { ReexecutionProgress } from '../trainer/re-execution/re-execution-options.ts'
import type { ReexecutionReport } from '../trainer/re-execution/reexecute.ts'
import { assertSameBits, repeatableSteps } from '../trainer/re-execution/repeatable-steps.ts'
import { errorColours as colours } from './error-colours.ts'
import { formatDuration, plainText } from './format.ts'
import { loadRecordedConfiguration, prepareRecordedBackend, recordedConfiguration } from './recorded-configuration.ts'
import { StatusLine } from './status-line.ts'

/** What of a run is trained again, and with what. */
export interface RerunOptions {
  readonly store: string
  readonly from?: number
  readonly steps?: number
  readonly config?: string
  readonly backend?: BackendName
  readonly allowDifferentEnvironment?: boolean
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
    const status = new StatusLine(process.stderr)
    const pace = new Pace()
    try {
      return await reexecute(definition, {
        ...{ run, store, backend, allowDifferentEnvironment },
        ...(from !== undefined && { from }),
        ...(steps !== undefined && { steps }),
        onPreparing: ({ source, done, total }) =>
          status.show(() => `Decoding the pictures of ${plainText(source)}: ${done} of ${total}`),
        onNotice: sentence => status.write(colours.yellow(plainText(sentence))),
        onProgress: progress => {
          const line = pace.describe(progress)
          status.show(() => line)
        },
      })
    } finally {
      status.clear()
    }
  }
}

/** How quickly steps are done again. */
class Pace {
  #began: number | undefined

  describe({ step, from, to }: ReexecutionProgress): string {
    const now = performance.now()
    // The first step is slow, and says nothing of those to come.
    this.#began ??= now
    const done = `Training again: step ${step}, ${from} to ${to}`
    if (step === from) return done
    return `${done}  ${formatDuration(((now - this.#began) / (step - from)) * (to - step))} left`
  }
}
