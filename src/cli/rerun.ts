import type { BackendName } from '../backends/backend.ts'
import { readAttempts, timelineOf } from '../history/attempts.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import type { ReexecutionProgress } from '../trainer/re-execution/re-execution-options.ts'
import type { ReexecutionReport } from '../trainer/re-execution/reexecute.ts'
import { errorColours as colours } from './error-colours.ts'
import { formatDuration, plainText } from './format.ts'
import { loadRecordedConfiguration, prepareRecordedBackend, recordedConfiguration } from './recorded-configuration.ts'
import { StatusLine } from './status-line.ts'
import { UsageError } from './usage-error.ts'

/** What of a run is trained again, and with what. */
export interface RerunOptions {
  readonly store: string
  readonly from?: number
  readonly steps?: number
  readonly config?: string
  readonly backend?: BackendName
  readonly allowDifferentEnvironment?: true
}

/**
 * Loads what training a run again needs.
 *
 * @returns trains it again before a person's eyes
 * @throws UsageError when there is no configuration, or nothing was trained yet
 */
export async function prepareRerun(
  journal: Journal,
  run: string,
  { store, from, steps, config, backend: choice, allowDifferentEnvironment }: RerunOptions,
): Promise<() => Promise<ReexecutionReport>> {
  const timeline = timelineOf(readAttempts(journal, runStream(run)))
  const attempt = timeline.find(({ until }) => until >= (from ?? 1))
  if (attempt === undefined)
    throw new UsageError(`The run ${run} has not begun to train, so there is nothing to rerun.`)
  const configuration = await loadRecordedConfiguration(run, recordedConfiguration(journal, run), config)
  const backend = await prepareRecordedBackend(attempt.environment, choice)
  const definition = await configuration(backend.name)
  const { reexecute } = await import('../trainer/re-execution/reexecute.ts')
  return async () => {
    const status = new StatusLine(process.stderr)
    const pace = new Pace()
    try {
      return await reexecute(definition, {
        ...{ run, store, backend, allowDifferentEnvironment: allowDifferentEnvironment === true },
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
