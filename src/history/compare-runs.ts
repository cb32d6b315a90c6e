import { ChronogradError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import { runStream, type Store } from '../storage/store.ts'
import { type ComparedPair, compareLosses } from './compare-losses.ts'
import { type Difference, differencesBetween } from './differences.ts'
import { decisiveFacts } from './environment-differences.ts'
import { KnownPairs } from './known-pairs.ts'
import { lineageOf } from './lineage.ts'
import { type MetricStanding, metricsAt } from './metrics-at.ts'
import { runCreation } from './run-creation.ts'
import { type RunOverview, runOverview } from './run-overview.ts'
import { settingsDifferences } from './settings-differences.ts'

/** Runs cannot be compared: there is no such run, or there are not two. */
export class ComparisonError extends ChronogradError {}

/** What one of several runs did and came to. */
export interface ComparedRun extends RunOverview {
  readonly seed: number
  /** How many numbers its model consists of; null where its log does not tell. */
  readonly parameters: number | null
  /** The metric that it is judged by; null before its first attempt. */
  readonly judgedBy: TrainingData<'run.started'>['plan']['metric'] | null
  /** The loss of its last step; null where it has none of its own. */
  readonly trainLoss: { readonly value: number; readonly step: number } | null
  /** What it was evaluated by, of its own steps. */
  readonly metrics: readonly MetricStanding[]
}

/** What differs between runs, and what they have in common. */
export interface RunComparison {
  readonly runs: readonly ComparedRun[]
  /** Those that were recorded when the runs were created, but for name and tags. */
  readonly settings: readonly Difference[]
  /** The data of the latest attempts, among the runs that have begun. */
  readonly data: readonly Difference[]
  /** What of the latest attempts' environments the last bits depend on, and which code it was. */
  readonly environment: readonly Difference[]
  /** Each run with each. */
  readonly pairs: readonly ComparedPair[]
}

/** @throws ComparisonError when there are fewer than two runs, or one is there twice */
export function assertComparable(runs: readonly string[]): void {
  if (runs.length < 2) throw new ComparisonError('Comparing takes two runs at least; name another one.')
  const twice = runs.find((run, index) => runs.indexOf(run) < index)
  if (twice !== undefined) throw new ComparisonError(`The run ${twice} is there twice; name each run once.`)
}

/**
 * Compares runs: what they were told to do otherwise, how far they came, how well they did, up to where they have one history,
 * and at which step their losses part. Of runs that were resumed, what holds now counts.
 *
 * The logs are read side by side, as far as the losses are the same. Memory does not grow with them.
 *
 * @param runs two names or more
 * @param known what earlier comparisons in this journal found, for one that is made again and again while the runs go on
 * @throws ComparisonError when there are fewer, one is there twice, or there is no such run
 *
 * @example
 * const { settings, pairs } = compareRuns(journal, new Store('runs'), ['pets', 'pets-fork'])
 * for (const { path, values } of settings) console.log(path, values) // optimizer.learningRate { pets: 0.001, 'pets-fork': 0.0001 }
 * console.log(pairs[0]?.commonHistory, pairs[0]?.differ?.step) // { run: 'pets', step: 512 } 513
 */
export function compareRuns(
  journal: Journal,
  store: Store,
  runs: readonly string[],
  known = new KnownPairs(),
): RunComparison {
  assertComparable(runs)
  const records = runs.map(run => readRecord(journal, run))
  const begun = records.filter(({ attempt }) => attempt !== undefined)
  return {
    runs: records.map(record => comparedRun(journal, store, record)),
    settings: settingsDifferences(byRun(records, ({ created }) => created)),
    data: differencesBetween(byRun(begun, ({ attempt }) => attempt?.data.data)),
    environment: differencesBetween(byRun(records, environmentFacts)),
    pairs: compareLosses(
      journal,
      runs.map(run => lineageOf(journal, run)),
      known,
    ),
  }
}

/** What a run and its latest attempt began with. */
interface RunRecord {
  readonly run: string
  readonly created: TrainingData<'run.created'>
  readonly attempt: TrainingEvent<'run.started' | 'run.resumed'> | undefined
}

/** @throws ComparisonError */
function readRecord(journal: Journal, run: string): RunRecord {
  const created = runCreation(journal, run)?.data
  if (created === undefined) {
    throw new ComparisonError(
      `There is no run ${run} in the journal ${journal.path}; \`chronograd runs\` lists those there are.`,
    )
  }
  const attempts = [...journal.read({ stream: runStream(run), types: ['run.started', 'run.resumed'] })]
  return { run, created, attempt: attempts.at(-1) as RunRecord['attempt'] }
}

function comparedRun(journal: Journal, store: Store, { run, created, attempt }: RunRecord): ComparedRun {
  const overview = runOverview(journal, store, run)
  const judgedBy = attempt?.data.plan.metric ?? null
  const known = judgedBy === null ? {} : { [judgedBy.name]: judgedBy.better }
  const metrics = metricsAt(journal, runStream(run), overview.events, known)
  const loss = metrics.find(({ split, metric }) => split === 'train' && metric === 'loss')
  return {
    ...overview,
    seed: created.seed,
    parameters: attempt?.data.model?.parameters ?? null,
    judgedBy,
    trainLoss: loss === undefined ? null : { value: loss.latest, step: loss.latestStep },
    metrics: metrics.filter(({ split }) => split !== 'train' && split !== 'gradients'),
  }
}

function environmentFacts({ created, attempt }: RunRecord): Readonly<Record<string, string | null>> {
  const environment = attempt?.type === 'run.resumed' ? attempt.data.environment : created.environment
  return { chronograd: environment.chronograd, 'git commit': environment.gitCommit, ...decisiveFacts(environment) }
}

function byRun<Value>(records: readonly RunRecord[], toValue: (record: RunRecord) => Value): Record<string, Value> {
  return Object.fromEntries(records.map(record => [record.run, toValue(record)]))
}
