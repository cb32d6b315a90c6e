import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { Backend, BackendName } from '../../backends/backend.ts'
import { prepareBackend } from '../../backends/prepare-backend.ts'
import { trainingEvents } from '../../events/training-events.ts'
import { readAttempts, type TimelinePart, timelineOf } from '../../history/attempts.ts'
import { type Environment, environmentDifferences } from '../../history/environment-differences.ts'
import { Journal } from '../../journal/journal.ts'
import { runStream, Store } from '../../storage/store.ts'
import { currentEnvironment } from '../environment.ts'
import { describeData, type PreparedData, prepareData } from '../prepare-data.ts'
import { assertSameData } from '../resume-checks.ts'
import type { RunDefinition } from '../run-definition.ts'
import { createdSettings } from '../run-record.ts'
import { assertEvaluable } from '../run-settings.ts'
import { Reexecution } from './re-execution.ts'
import { ReexecutionError } from './re-execution-error.ts'
import type { ReexecutionOptions } from './re-execution-options.ts'
import { startingPoint } from './starting-point.ts'

/** Which steps are to be done again: so many from one on, or as few as bring the run to one step. */
export type WantedSteps =
  | { readonly from?: number | undefined; readonly steps?: number | undefined }
  | { readonly at: number }

/** The step that it must begin at, or before; and the last that is done. */
interface Range {
  readonly after: number
  readonly to: number
}

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
  const timeline = timelineOf(readAttempts(journal, runStream(run)))
  const { checkpoints, progress } = journal.fold(runStream(run), trainerMachine).snapshot.context
  const range = rangeOf(run, timeline, progress.step, wanted)
  const environment = currentEnvironment(await prepared(options.backend, partOf(timeline, range).environment))
  const assertReachable = (after: number) => {
    if (!allowDifferentEnvironment) assertEnvironment(run, timeline, { ...range, after }, environment)
  }
  assertReachable(range.after)
  const point = await startingPoint({ checkpoints }, store, range.after, onNotice)
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

function rangeOf(run: string, timeline: readonly TimelinePart[], last: number, wanted: WantedSteps): Range {
  const first = (timeline[0]?.step ?? 0) + 1
  if (timeline.length === 0 || last < first) {
    throw new ReexecutionError(`The run ${run} has no step yet, so there is nothing to do again.`)
  }
  const named = 'at' in wanted ? wanted.at : (wanted.from ?? first)
  if (named < first || named > last) {
    throw new ReexecutionError(
      `The run ${run} has the steps ${first} to ${last}, so step ${named} cannot be done again.`,
    )
  }
  if ('at' in wanted) return { after: named, to: named }
  return { after: named - 1, to: Math.min(last, named - 1 + (wanted.steps ?? last)) }
}

/** The part of a timeline that a range begins in. */
function partOf(timeline: readonly TimelinePart[], { after, to }: Range): TimelinePart {
  const part = timeline.find(({ until }) => Math.min(after + 1, to) <= until)
  if (part === undefined) throw new Error(`No attempt has step ${to}.`)
  return part
}

async function prepared(choice: ReexecutionOptions['backend'], { backend }: Environment): Promise<Backend> {
  if (typeof choice === 'object') return choice
  if (choice !== undefined && choice !== backend.name) return await prepareBackend(choice)
  return await prepareBackend(backend.name as BackendName, { threads: backend.threads })
}

/** @throws ReexecutionError when one of the attempts that are to be done again was made where bits come out otherwise */
function assertEnvironment(
  run: string,
  timeline: readonly TimelinePart[],
  { after, to }: Range,
  now: Environment,
): void {
  const refusals = timeline
    .filter(({ step, until }) => step < to && until > after)
    .flatMap(({ attempt, environment }) => {
      const differences = environmentDifferences(environment, now)
      return differences.length === 0 ? [] : [`of attempt ${attempt}, ${differences.join('; ')}`]
    })
  if (refusals.length === 0) return
  throw new ReexecutionError(
    `The run ${run} would not come out bit-identically here: ${refusals.join('; and ')}. Restore that, or allow it with --allow-different-environment (allowDifferentEnvironment in code), and differences count as expected.`,
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

async function inScratchFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chronograd-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
