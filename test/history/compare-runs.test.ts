import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { ComparisonError, compareRuns, type RunComparison } from '../../src/history/compare-runs.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { stepCompleted } from '../support/facts.ts'
import { createdFrom, createdWith } from '../support/fork-facts.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import {
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  runCreated,
  runResumed,
  runStarted,
  shortPlan,
} from '../support/training-facts.ts'

const test = suite('comparing runs')

/** A plan in which nothing but steps and evaluations is due. */
const plan = { ...shortPlan, checkpointEvery: null, checkpointBest: false, earlyStopping: null }

/** Calls `use` with a store of these runs, begun in this order; an attempt is a list of facts. */
function inStore(
  runs: Readonly<Record<string, readonly (readonly TrainingFact[])[]>>,
  use: (compare: (...names: string[]) => RunComparison, journal: Journal) => void | Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async folder => {
    const store = new Store(folder)
    const journal = Journal.open(store.journalPath)
    try {
      for (const [run, attempts] of Object.entries(runs)) {
        for (const [index, facts] of attempts.entries()) {
          const meta = { attempt: index + 1 }
          journal.append(
            `run/${run}`,
            facts.map(fact => ({ ...fact, meta })),
          )
        }
      }
      await use((...names) => compareRuns(journal, store, names), journal)
    } finally {
      journal.close()
    }
  })
}

/** An epoch of two steps with these losses, and its evaluation. */
function epoch(number: number, losses: readonly [number, number], metrics: Readonly<Record<string, number>>) {
  const step = 2 * number
  return [
    epochStarted(number, step - 2),
    stepCompleted(step - 1, { epoch: number, loss: losses[0] }),
    stepCompleted(step, { epoch: number, loss: losses[1] }),
    epochCompleted(number, step),
    evaluationStarted(step),
    evaluationCompleted(step, metrics),
  ]
}

/** The first attempt of a run with other fields than usual. */
function started(changes: { readonly data?: unknown; readonly parameters?: number }): TrainingFact {
  const fact = runStarted() as Extract<TrainingFact, { type: 'run.started' }>
  const { parameters = 8, ...rest } = changes
  const model = { parameters, layout: '00', sha256: '00' }
  return { ...fact, data: { ...fact.data, model, ...(rest as Partial<typeof fact.data>) } }
}

test('of each run: what it came to, by what it is judged by, and what it was evaluated by', () =>
  inStore(
    {
      one: [[runCreated('one'), runStarted(plan), ...epoch(1, [3, 2], { loss: 2, own: 5 })]],
      other: [
        [runCreated('other'), started({ parameters: 9 }), ...epoch(1, [3, 1], { loss: 1, recall: 0.5 })],
        [runResumed(2, null, 0), epochStarted(1, 0), stepCompleted(1, { epoch: 1, loss: Number.NaN })],
      ],
      idle: [[runCreated('idle')]],
    },
    (compare, journal) => {
      const { runs } = compare('one', 'other', 'idle')
      const shortly = runs.map(({ run, state, step, best, judgedBy, parameters, seed, trainLoss }) => {
        return [run, state, step, best?.value ?? null, judgedBy?.name ?? null, parameters, seed, trainLoss]
      })
      assertSame(shortly, [
        ['one', 'killed', 2, 2, 'loss', 8, 1, { value: 2, step: 2 }],
        ['other', 'killed', 1, null, 'loss', 8, 1, { value: Number.NaN, step: 1 }],
        ['idle', 'killed', 0, null, null, null, 1, null],
      ])
      const series = runs.map(({ metrics }) =>
        metrics.map(({ split, metric, latest, best }) => [split, metric, latest, best]),
      )
      assert.equal(series, [
        [
          ['validation', 'loss', 2, 2],
          ['validation', 'own', 5, null],
        ],
        [],
        [],
      ])
      assert.is(journal.streamVersion('run/one'), runs[0]?.events)
    },
  ))

test('whether the subscribers have followed or not, the numbers are the same', () =>
  inStore(
    {
      one: [[runCreated('one'), runStarted(plan), ...epoch(1, [3, 2], { loss: 2, own: 5 })]],
      other: [[runCreated('other'), runStarted(plan), ...epoch(1, [3, 1], { loss: 1 })]],
    },
    async (compare, journal) => {
      const before = compare('one', 'other')
      for (const stream of ['run/one', 'run/other']) await replay(journal, stream, { subscribers: standardSubscribers })
      assertSame(compare('one', 'other'), before)
    },
  ))

test('what differs: settings but for names, the seed, the data of the latest attempt, what bits depend on', () => {
  const { environment } = (runCreated() as Extract<TrainingFact, { type: 'run.created' }>).data
  const threaded = {
    ...environment,
    host: 'elsewhere',
    gitCommit: 'abc',
    backend: { ...environment.backend, threads: 4 },
  }
  const data = { train: { name: 'train', samples: 5, skipped: 1, sha256: '11' }, validation: null }
  const config = { name: 'one', tags: [], optimizer: { learningRate: 1e-3 } }
  return inStore(
    {
      one: [[createdWith(config), runStarted()]],
      other: [
        [
          createdWith(
            { ...config, name: 'other', tags: ['x'], optimizer: { learningRate: 1e-4 } },
            { seed: 2, environment: threaded },
          ),
          started({ data }),
        ],
      ],
      idle: [[createdWith({ ...config, name: 'idle' })]],
    },
    compare => {
      const told = compare('one', 'other')
      assert.equal(told.settings, [
        { path: 'seed', values: { one: 1, other: 2 } },
        { path: 'optimizer.learningRate', values: { one: 1e-3, other: 1e-4 } },
      ])
      assert.equal(told.data, [
        { path: 'train.samples', values: { one: 4, other: 5 } },
        { path: 'train.skipped', values: { one: 0, other: 1 } },
        { path: 'train.sha256', values: { one: '00', other: '11' } },
      ])
      assert.equal(told.environment, [
        { path: 'git commit', values: { one: null, other: 'abc' } },
        { path: 'threads', values: { one: '1', other: '4' } },
      ])
      const { settings, data, environment } = compare('one', 'idle')
      assert.equal([settings, data, environment], [[], [], []])
    },
  )
})

test('a fork has one history with its parent, and what it did itself is compared bit by bit', () =>
  inStore(
    {
      parent: [
        [runCreated('parent'), runStarted(plan), ...epoch(1, [3, 2], { loss: 2 }), ...epoch(2, [1, 0], { loss: 1 })],
      ],
      // The second step of the parent is its fifth event.
      fork: [[createdFrom('parent', 2, 5), runStarted(plan), ...epoch(2, [1, -0], { loss: 3 })]],
    },
    compare => {
      const { runs, pairs } = compare('fork', 'parent')
      assert.equal(runs[0]?.parent, { run: 'parent', step: 2 })
      assert.is(runs[1]?.parent, null)
      assertSame(pairs, [
        {
          runs: ['fork', 'parent'],
          commonHistory: { run: 'parent', step: 2 },
          equal: { steps: 1, first: 3, last: 3 },
          differ: { step: 4, losses: { fork: -0, parent: 0 } },
        },
      ])
      // Of the fork only what it measured itself is told.
      assert.equal(
        runs[0]?.metrics.map(({ count, latest, bestStep }) => [count, latest, bestStep]),
        [[1, 3, 4]],
      )
    },
  ))

test('there must be two runs, each once, that there are', () =>
  inStore({ one: [[runCreated('one')]], other: [[runCreated('other')]] }, compare => {
    const refused = (...names: string[]) => thrownBy(ComparisonError, () => compare(...names)).message
    assert.match(refused(), 'takes two runs at least')
    assert.match(refused('one'), 'takes two runs at least')
    assert.match(refused('one', 'other', 'one'), 'The run one is there twice')
    assert.match(refused('one', 'nobody'), 'There is no run nobody in the journal')
    assert.is(compare('one', 'other').pairs[0]?.equal, null)
  }))

test.run()
