import { setTimeout as sleep } from 'node:timers/promises'
import { firstValueFrom } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ComparisonAnswer } from '../../src/dashboard/answers/comparison.ts'
import type { RunsAnswer } from '../../src/dashboard/answers/runs.ts'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { StoreReader } from '../../src/dashboard/store-reader.ts'
import { compareRuns } from '../../src/history/compare-runs.ts'
import { Journal } from '../../src/journal/journal.ts'
import { RunLock } from '../../src/storage/run-lock.ts'
import { Store } from '../../src/storage/store.ts'
import { hostile, writeComparedRuns } from '../support/compared-runs.ts'
import { writeLongRun } from '../support/long-run.ts'
import { reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { runCreated } from '../support/training-facts.ts'

const test = suite('dashboard: several runs')

function serving(work: (url: string, folder: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async folder => {
    writeComparedRuns(folder)
    const dashboard = await serveDashboard({ store: folder })
    try {
      await work(dashboard.url, folder)
    } finally {
      await dashboard.close()
    }
  })
}

async function get<Answer>(address: string): Promise<Answer> {
  return (await (await fetch(address)).json()) as Answer
}

test('a comparison is what `compare` says, and whose steps each history is made of', () =>
  serving(async (url, folder) => {
    const names = ['large', hostile, 'fork']
    const query = names.map(name => `run=${encodeURIComponent(name)}`).join('&')
    const { evaluations, bestTrainLoss, stepsPerEpoch, lineages, ...comparison } = await get<ComparisonAnswer>(
      `${url}api/comparison?${query}`,
    )
    const said = reading(folder, journal => compareRuns(journal, new Store(folder), names))
    assert.equal(comparison, JSON.parse(JSON.stringify(said)))
    assert.equal(
      evaluations.map(({ metric, winner }) => [metric, winner]),
      [['textToImageRecallAt1', 0.75]],
    )
    // Of other batches a lower loss is not a better one.
    assert.is(bestTrainLoss, null)
    assert.equal(stepsPerEpoch, [2, 4, null])
    assert.equal(
      lineages.map(lineage => lineage.map(({ run, after, until }) => [run, after, until])),
      [
        [['large', 0, null]],
        [[hostile, 0, null]],
        [
          ['fork', 2, null],
          ['large', 0, 2],
        ],
      ],
    )
  }))

test('while long runs are compared, others are answered', () =>
  inTemporaryFolder(async folder => {
    const journal = Journal.open(new Store(folder).journalPath)
    for (const run of ['one', 'other']) writeLongRun(journal, `run/${run}`, 40_000)
    journal.close()
    const dashboard = await serveDashboard({ store: folder })
    const answered: string[] = []
    const asking = (path: string) => get(`${dashboard.url}api/${path}`).then(() => answered.push(path))
    try {
      const comparing = asking('comparison?run=one&run=other')
      // It has been begun then.
      await sleep(20)
      await Promise.all([comparing, asking('nothing')])
      assert.equal(answered, ['nothing', 'comparison?run=one&run=other'])
    } finally {
      await dashboard.close()
    }
  }))

test('what cannot be compared is refused in a sentence', () =>
  serving(async url => {
    for (const [query, sentence] of [
      ['', 'Name the runs to compare, each as `run`.'],
      ['?run=large', 'Comparing takes two runs at least; name another one.'],
      ['?run=large&run=large', 'The run large is there twice; name each run once.'],
    ] as const) {
      assert.is((await get<{ error: string }>(`${url}api/comparison${query}`)).error, sentence)
    }
  }))

test('the list of runs is up to date whenever it is asked for', () =>
  serving(async (url, folder) => {
    const standings = async () =>
      (await get<RunsAnswer>(`${url}api/runs`)).runs.map(({ run, state, events }) => `${run}: ${state}, ${events}`)
    const before = await standings()
    assert.equal(before, ['large: killed, 11', `${hostile}: killed, 9`, 'fork: forked, 1'])
    const lock = new RunLock(new Store(folder).runFolder('large'), 'large')
    assert.is((await standings())[0], 'large: training, 11')
    lock.release()
    const journal = Journal.open(new Store(folder).journalPath)
    journal.append('run/next', [runCreated('next')])
    journal.close()
    assert.equal(await standings(), [...before, 'next: killed, 1'])
  }))

test('that a run is let go of is told, though its log tells nothing', () =>
  inTemporaryFolder(async folder => {
    writeComparedRuns(folder)
    const reader = new StoreReader(folder)
    const lock = new RunLock(reader.store.runFolder('large'), 'large')
    const released = firstValueFrom(reader.released$)
    // It has looked once then, and knows that the run is held.
    await sleep(1)
    lock.release()
    assert.is(await released, 'large')
    reader.close()
  }))

test.run()
