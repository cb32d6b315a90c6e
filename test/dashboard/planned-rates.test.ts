import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PlannedRates, SeriesNews } from '../../src/dashboard/answers/series.ts'
import { joinSeries } from '../../src/dashboard/page/charts/join-series.ts'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { readAttempts } from '../../src/history/attempts.ts'
import { learningRatePlan } from '../../src/history/learning-rate-plan.ts'
import { Buckets } from '../../src/history/measured/buckets.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { forkRun } from '../../src/trainer/fork/fork-run.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunSettings } from '../../src/trainer/run-settings.ts'
import { colourRun } from '../support/colour-run.ts'
import { stepCompleted } from '../support/facts.ts'
import { writeLongRun } from '../support/long-run.ts'
import { factsOf, reading, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { runResumed } from '../support/training-facts.ts'

const test = suite('dashboard: the learning rates that are planned')

type Ask = (run: string, query: string) => Promise<SeriesNews>

async function asking(folder: string, work: (ask: Ask) => Promise<void>): Promise<void> {
  const dashboard = await serveDashboard({ store: folder })
  try {
    await work(async (run, query) => {
      const answer = await fetch(new URL(`/api/runs/${run}/series?${query}`, dashboard.url))
      assert.is(answer.status, 200)
      return (await answer.json()) as SeriesNews
    })
  } finally {
    await dashboard.close()
  }
}

/** A run that was resumed for more epochs than it had been given, and a fork of it with another learning rate. */
async function trainFamily(store: string): Promise<void> {
  const definition = colourRun({ optimizer: { learningRate: 1e-3 }, schedule: { warmUpShare: 0.3 } })
  await trainUntil(6, definition, { store })
  const resumed = new MultimodalTrainer(definition, { store, backend: 'wasm', resume: 'colours' })
  assert.is(await resumed.train({ epochs: 5 }), 'completed')
  resumed.close()
  const change = (parent: RunSettings) => ({ ...parent, optimizer: { learningRate: 3e-3 } })
  const { data } = await forkRun(definition, { store, run: 'colours', step: 12, backend: 'wasm', change })
  await train(definition, { store, resume: data.name })
}

test('are at every moment those that training used later: also after a resume for more epochs, and in a fork', () =>
  inTemporaryFolder(async store => {
    await trainFamily(store)
    await asking(store, async ask => {
      for (const [run, total] of [
        ['colours', 20],
        ['colours-fork', 20],
      ] as const) {
        const steps = factsOf(store, run, 'step.completed')
        const again = factsOf(store, run, 'run.resumed')[0]?.version ?? 0
        for (const { version, data } of steps) {
          const { planned } = await ask(run, `until=${version}`)
          const before = version < again
          const last = before ? 16 : total
          assert.equal(
            planned?.steps ?? [],
            Array.from({ length: last - data.step }, (_, index) => data.step + index + 1),
          )
          if (before) continue
          const used = steps.filter(({ data: { step } }) => step > data.step).map(each => each.data.learningRate)
          assert.equal(planned?.values ?? [], used)
        }
      }
      assert.is((await ask('colours', 'until=1')).planned, null)
    })
  }))

const rhythm = { rhythm: 40, lifetime: 320 }

/** Adds a step to what the last attempt has done. */
function appendStep(journal: Journal, step: number, learningRate: number): void {
  const attempt = readAttempts(journal, 'run/long').length
  journal.append('run/long', [{ ...stepCompleted(step, { learningRate }), meta: { attempt } }])
}

function appending(store: string, work: (journal: Journal) => void): void {
  const journal = Journal.open(new Store(store).journalPath)
  work(journal)
  journal.close()
}

test('of half a million steps are told in a few points, the extremes of each bucket and the last step', () =>
  inTemporaryFolder(async store => {
    appending(store, journal => writeLongRun(journal, 'run/long', 600, rhythm))
    await asking(store, async ask => {
      const { planned, lastStep } = await ask('long', 'points=30')
      const expected = reading(store, journal => {
        const plan = learningRatePlan(journal, 'run/long', readAttempts(journal, 'run/long'))
        assert.is(plan?.totalSteps, 484_000)
        const buckets = new Buckets(2 ** 14)
        for (let step = 1; step <= 484_000; step++) buckets.push(step, plan?.at(step) ?? Number.NaN)
        return buckets.thinned()
      })
      const later = expected.steps.findIndex(step => step > lastStep)
      assert.equal(planned?.steps, expected.steps.slice(later))
      assert.equal(planned?.values, expected.values.slice(later))
      assert.is(planned?.steps.at(-1), 484_000)
    })
  }))

test('are told of the steps that are looked at, and again only when they have changed', () =>
  inTemporaryFolder(async store => {
    appending(store, journal => writeLongRun(journal, 'run/long', 600, rhythm))
    await asking(store, async ask => {
      const close = await ask('long', 'points=9&from=1000&to=1010')
      assert.equal(close.planned?.steps, [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010])
      assert.is((await ask('long', 'from=10&to=20')).planned, null)
      const known = await ask('long', 'points=9')
      appending(store, journal => writeLongRun(journal, 'run/long', 700, { ...rhythm, lifetime: 1e6 }))
      const resumed = await ask('long', `points=9&since=${known.version}&width=${known.width}`)
      assert.ok(resumed.planned)
      appending(store, journal => {
        const plan = learningRatePlan(journal, 'run/long', readAttempts(journal, 'run/long'))
        const next = resumed.lastStep + 1
        appendStep(journal, next, plan?.at(next) ?? 0)
      })
      const news = await ask('long', `points=9&since=${resumed.version}&width=${resumed.width}`)
      assert.is(news.since, resumed.version)
      assert.is(news.planned, undefined)
      assert.equal(joinSeries(resumed, news), await ask('long', 'points=9'))
    })
  }))

test('are not told where a step went by others, until an attempt has gone on from before it', () =>
  inTemporaryFolder(async store => {
    appending(store, journal => writeLongRun(journal, 'run/long', 600, rhythm))
    await asking(store, async ask => {
      const known = await ask('long', 'points=9')
      const next = known.lastStep + 1
      appending(store, journal => appendStep(journal, next, 1))
      const news = await ask('long', `points=9&since=${known.version}&width=${known.width}`)
      assert.is(news.since, known.version)
      assert.is(news.planned, null)
      assert.is(joinSeries(known, news).planned, null)
      assert.ok((await ask('long', `points=9&until=${known.version}`)).planned)
      const departed = news.version

      appending(store, journal => {
        const attempts = readAttempts(journal, 'run/long')
        journal.append('run/long', [runResumed(attempts.length + 1, null, next - 1, attempts[0]?.plan)])
      })
      const again: PlannedRates | null | undefined = (await ask('long', 'points=9')).planned
      assert.equal(again, known.planned)
      assert.is((await ask('long', `points=9&until=${departed}`)).planned, null)
    })
  }))

test('end with the run: none are told once it has stopped early', () =>
  inTemporaryFolder(async store => {
    const definition = colourRun({ earlyStopping: { patience: 1, minimumChange: 2 }, epochs: 9 })
    assert.is(await train(definition, { store }), 'early-stopped')
    const end = factsOf(store, 'colours', 'run.early-stopped')[0]?.version ?? 0
    await asking(store, async ask => {
      assert.is((await ask('colours', `until=${end}`)).planned, null)
      const before = await ask('colours', `until=${end - 1}`)
      assert.is(before.planned?.steps.at(-1), 36)
      assert.is((await ask('colours', `until=${end}&since=${end - 1}&width=${before.width}`)).planned, null)
    })
  }))

test.run()
