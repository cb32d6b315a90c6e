import { trainingEvents } from '../../events/training-events.ts'
import { Journal } from '../../journal/journal.ts'
import { inScratchFolder } from '../../storage/scratch-folder.ts'
import { Store } from '../../storage/store.ts'
import { currentEnvironment } from '../environment.ts'
import { describeData, type PreparedData, prepareData } from '../prepare-data.ts'
import { recordedBackend } from '../recorded-backend.ts'
import { assertSameData } from '../resume-checks.ts'
import type { RunDefinition } from '../run-definition.ts'
import { createdSettings } from '../run-record.ts'
import { assertEvaluable } from '../run-settings.ts'
import { Reexecution } from './re-execution.ts'
import type { ReexecutionOptions } from './re-execution-options.ts'
import { assertSameBits, repeatableSteps, type WantedSteps } from './repeatable-steps.ts'
import { startingPoint } from './starting-point.ts'

/** What to do with a re-execution that is ready, and the step that it begins with. */
type Use<Result> = (reexecution: Reexecution, from: number) => Promise<Result>

/**
 * Makes a re-execution ready, hands it to `use` and lets go of everything. The store and its journal are only read.
 *
 * @param wanted all of the run's steps unless given; it begins at the nearest checkpoint before them that is
 *   whole, so that some more steps may be done again
 * @throws ReexecutionError when there is nothing to do again, or its bits would come out otherwise here
 * @throws ResumeError when there is no such run, or its data or model is not what it was
 */
export async function openReexecution<Result>(
  definition: RunDefinition,
  options: ReexecutionOptions,
  wanted: WantedSteps,
  use: Use<Result>,
): Promise<Result> {
  const store = new Store(options.store)
  const events = [...trainingEvents, ...(definition.events ?? [])]
  const journal = Journal.open(store.journalPath, { readOnly: true, events })
  try {
    return await withOpenJournal(definition, options, wanted, { store, journal, use })
  } finally {
    journal.close()
  }
}

async function withOpenJournal<Result>(
  definition: RunDefinition,
  options: ReexecutionOptions,
  wanted: WantedSteps,
  { store, journal, use }: { store: Store; journal: Journal; use: Use<Result> },
): Promise<Result> {
  const { run, allowDifferentEnvironment = false, onNotice = () => {}, onPreparing } = options
  const settings = createdSettings(journal, run)
  assertEvaluable(settings, definition.valData !== undefined)
  const repeatable = repeatableSteps(journal, run, wanted)
  const { timeline, checkpoints, parent, range } = repeatable
  const environment = currentEnvironment(await recordedBackend(options.backend, repeatable.environment))
  const assertReachable = (after: number) => {
    if (!allowDifferentEnvironment) assertSameBits(run, timeline, { ...range, after }, environment)
  }
  assertReachable(range.after)
  const point = await startingPoint({ checkpoints, parent }, store, range.after, onNotice)
  assertReachable(point.step)
  return await withData(
    () =>
      prepareData(definition, settings, {
        runFolder: store.runFolder(run),
        readOnly: true,
        onProgress: onPreparing,
        onSkipped: () => {},
      }),
    async data => {
      assertSameData(journal, run, describeData(data))
      return await inScratchFolder(async scratch => {
        const parts = { definition, settings, options, journal, store, data, environment, timeline, checkpoints }
        const reexecution = new Reexecution({ ...parts, point, to: range.to, scratch })
        try {
          return await use(reexecution, point.step + 1)
        } finally {
          reexecution.dispose()
        }
      })
    },
  )
}

async function withData<Result>(
  prepare: () => Promise<PreparedData>,
  use: (data: PreparedData) => Promise<Result>,
): Promise<Result> {
  const data = await prepare()
  try {
    return await use(data)
  } finally {
    await data.train.close()
    await data.validation?.close()
  }
}
