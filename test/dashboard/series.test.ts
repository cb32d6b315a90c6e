import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ErrorAnswer } from '../../src/dashboard/answers/error.ts'
import type { SeriesLine, SeriesNews } from '../../src/dashboard/answers/series.ts'
import { joinSeries } from '../../src/dashboard/page/charts/join-series.ts'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import type { TrainingEvent } from '../../src/events/training-events.ts'
import { readAttempts } from '../../src/history/attempts.ts'
import { readCourse } from '../../src/history/course.ts'
import { Buckets } from '../../src/history/measured/buckets.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { stepCompleted } from '../support/facts.ts'
import { appendLongRun } from '../support/long-run.ts'
import { reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { runResumed } from '../support/training-facts.ts'

const test = suite('dashboard: series of long runs')

type Ask = (query?: string) => Promise<SeriesNews>

const stream = 'run/long'

/** Some fourteen hundred steps in several attempts, each of which repeats some steps of the one before. */
const rhythm = { rhythm: 40, lifetime: 320 }
const events = 1_800

async function serving(work: (ask: Ask, folder: string) => Promise<void>, projected = events): Promise<void> {
  await inTemporaryFolder(async folder => {
    for (const [until, isProjected] of [
      [projected, true],
      [events, false],
    ] as const) {
      if (until > 0) await append(folder, until, isProjected)
    }
    const dashboard = await serveDashboard({ store: folder })
    try {
      await work(async (query = '') => {
        const answer = await fetch(new URL(`/api/runs/long/series?${query}`, dashboard.url))
        const told = (await answer.json()) as SeriesNews & ErrorAnswer
        assert.is(answer.status, 200, told.error)
        return told
      }, folder)
    } finally {
      await dashboard.close()
    }
  })
}

/** Goes on with the run until a version, with or without the metrics subscriber. */
async function append(folder: string, until: number, isProjected = true): Promise<void> {
  const store = new Store(folder)
  const journal = Journal.open(store.journalPath)
  for (const _ of appendLongRun(journal, stream, { ...rhythm, until }));
  if (isProjected) await replay(journal, stream, { subscribers: [metricsSubscriber] })
  journal.close()
}

/** The losses of the course that the run had after a version, as the log tells them. */
function lossesOf(folder: string, until: number, width: number): Pick<SeriesLine, 'steps' | 'values' | 'means'> {
  const buckets = new Buckets(width)
  reading(folder, journal => {
    for (const event of readCourse(journal, stream, { until, types: ['step.completed', 'step.skipped'] })) {
      const { step, loss } = (event as TrainingEvent<'step.completed'>).data
      buckets.push(step, loss)
    }
  })
  return buckets.thinned()
}

function lossesIn({ series }: SeriesNews): Pick<SeriesLine, 'steps' | 'values' | 'means'> {
  const {
    steps = [],
    values = [],
    means = null,
  } = series.find(({ split, metric }) => split === 'train' && metric === 'loss') ?? {}
  return { steps, values, means }
}

const points = fc.constantFrom(4, 9, 60, 2_000)
const version = fc.integer({ min: 1, max: events })

for (const [kept, projected] of [
  ['all of it', events],
  ['half of it', events / 2],
  ['nothing', 0],
] as const) {
  test(`any moment of a run is thinned out as its log is, where the metrics subscriber has kept ${kept}`, () =>
    serving(async (ask, folder) => {
      await fc.assert(
        fc.asyncProperty(version, points, async (until, most) => {
          const answer = await ask(`until=${until}&points=${most}`)
          assert.is(answer.version, until)
          assert.equal(lossesIn(answer), lossesOf(folder, until, answer.width))
          for (const { steps } of answer.series) assert.ok(steps.length <= 2 * (most + 1))
        }),
        { numRuns: 12 },
      )
    }, projected))
}

test('what has changed since a version, put to what was known then, is what is known now', () =>
  serving(async (ask, folder) => {
    const attempts = reading(folder, journal => readAttempts(journal, stream))
    let joined = 0
    await fc.assert(
      fc.asyncProperty(version, fc.integer({ min: 0, max: 300 }), points, async (before, more, most) => {
        const until = Math.min(events, before + more)
        const known = await ask(`until=${before}&points=${most}`)
        const news = await ask(`until=${until}&points=${most}&since=${before}&width=${known.width}`)
        const whole = await ask(`until=${until}&points=${most}`)
        const isOtherCourse = attempts.some(attempt => attempt.version > before && attempt.version <= until)
        assert.is(news.since, isOtherCourse || known.width !== whole.width ? null : before)
        if (news.since !== null) joined++
        assert.equal(joinSeries(known, news), whole)
      }),
      { numRuns: 30, examples: [[events, 0, 4]] },
    )
    assert.ok(joined > 10)
  }))

test('a run that goes on is told in a few points, whatever its length', () =>
  serving(async (ask, folder) => {
    const known = await ask('points=9')
    const journal = Journal.open(new Store(folder).journalPath)
    for (let step = known.lastStep + 1; step <= known.lastStep + 20; step++) {
      journal.append(stream, [stepCompleted(step, { loss: step, metrics: {} })])
    }
    journal.close()
    const news = await ask(`points=9&since=${known.version}&width=${known.width}`)
    assert.is(news.since, known.version)
    const told = news.series.map(({ steps }) => steps.length)
    assert.ok(Math.max(...told) <= 6, `${told}`)
    assert.equal(lossesIn(joinSeries(known, news)), lossesOf(folder, events + 20, known.width))
  }))

test('steps that an attempt has just gone on from before are still those of their moment', () =>
  serving(async (ask, folder) => {
    const { version, lastStep } = await ask('points=4')
    const journal = Journal.open(new Store(folder).journalPath)
    const attempts = readAttempts(journal, stream)
    journal.append(stream, [runResumed(attempts.length + 1, null, lastStep - 5, attempts[0]?.plan)])
    journal.close()
    assert.is((await ask('points=4')).lastStep, lastStep - 5)
    const then = await ask(`points=4&until=${version}`)
    assert.equal(lossesIn(then), lossesOf(folder, version, then.width))
  }))

test('a stretch is looked at more closely, down to single steps, and charts stay where they are', () =>
  serving(async ask => {
    const whole = await ask('points=9')
    const close = await ask('points=9&from=500&to=510')
    assert.is(close.width, 1)
    assert.equal(lossesIn(close).steps, [500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510])
    const names = ({ charts }: SeriesNews) => charts.map(({ name }) => name)
    assert.equal(names(close), names(whole))
    assert.equal(names(await ask('until=1')), names(whole))
    assert.ok(names(whole).includes('recall') && names(whole).includes('throughput'))
  }))

test('marks are of the course of the moment, one of a kind in a bucket', () =>
  serving(async (ask, folder) => {
    const attempts = reading(folder, journal => readAttempts(journal, stream))
    const [, second] = attempts
    if (second === undefined) throw new Error('The run has only one attempt.')
    const marksOf = async (query: string, kind: string) =>
      (await ask(query)).marks.filter(mark => mark.kind === kind).map(({ step }) => step)
    assert.equal(
      await marksOf('points=2000', 'resumed'),
      attempts.slice(1).map(({ step }) => step),
    )
    assert.equal(await marksOf(`points=2000&until=${second.version - 1}`, 'resumed'), [])
    const evaluations = await marksOf('points=2000', 'evaluation')
    assert.equal(evaluations.slice(0, 3), [40, 80, 120])
    assert.equal((await marksOf('points=2000', 'checkpoint')).slice(0, 3), [40, 80, 120])
    assert.ok((await marksOf('points=9', 'evaluation')).length <= 10)
    assert.equal(await marksOf('points=9&from=80&to=130', 'evaluation'), [80, 120])
  }))

test.run()
