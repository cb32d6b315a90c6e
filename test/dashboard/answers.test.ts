import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Changes, LiveEvents } from '../../src/dashboard/answers/live.ts'
import type { LogAnswer } from '../../src/dashboard/answers/logged-events.ts'
import type { MachineAnswer } from '../../src/dashboard/answers/machine.ts'
import type { MomentAnswer, RunAnswer } from '../../src/dashboard/answers/run.ts'
import type { RunsAnswer } from '../../src/dashboard/answers/runs.ts'
import type { SeriesAnswer } from '../../src/dashboard/answers/series.ts'
import { DashboardError } from '../../src/dashboard/dashboard-error.ts'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { runAt } from '../../src/history/run-at.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { listen } from '../support/event-source.ts'
import { stepCompleted } from '../support/facts.ts'
import { rejectedBy } from '../support/rejected.ts'
import { reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { diagnosisRaised, runCreated } from '../support/training-facts.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const test = suite('dashboard: what it answers')

type Get = <Answer>(path: string) => Promise<Answer>

function serving(
  work: (get: Get, url: string, folder: string) => Promise<void>,
  write: (folder: string) => void = writeTwoAttempts,
): Promise<void> {
  return inTemporaryFolder(async folder => {
    write(folder)
    const dashboard = await serveDashboard({ store: folder })
    try {
      const get = async (path: string) => (await fetch(new URL(path, dashboard.url))).json()
      await work(get as Get, dashboard.url, folder)
    } finally {
      await dashboard.close()
    }
  })
}

/** Appends as the process that trains would. */
function append(folder: string, stream: string, ...facts: Parameters<Journal['append']>[1]): void {
  const journal = Journal.open(new Store(folder).journalPath)
  journal.append(stream, facts)
  journal.close()
}

test('the runs, and how far the journal was read for it', () =>
  serving(async get => {
    const { position, runs, families } = await get<RunsAnswer>('/api/runs')
    assert.is(position, 12)
    assert.equal(
      runs.map(({ run, state, step, attempts, events }) => ({ run, state, step, attempts, events })),
      [{ run: 'short', state: 'killed', step: 3, attempts: 2, events: 12 }],
    )
    assert.equal(families, [{ run: 'short', parent: null, changes: null, forks: [] }])
  }))

test('an empty store is an answer, and the first run is told of', () =>
  serving(
    async (get, url, folder) => {
      assert.equal(await get('/api/runs'), { position: 0, runs: [], families: [] })
      const told = listen(`${url}api/changes?after=0`, messages => messages.length > 0)
      append(folder, 'run/first', runCreated())
      assert.equal(await told, [{ id: '1', data: [{ run: 'first', version: 1 }] }])
    },
    () => {},
  ))

test('a run: what it is made of, its attempts, and that nobody trains it', () =>
  serving(async get => {
    const { created, attempts, version, trained } = await get<RunAnswer>('/api/runs/short')
    assert.equal(created, JSON.parse(JSON.stringify(runCreated().data)))
    assert.equal(
      attempts.map(({ attempt, step, version }) => [attempt, step, version]),
      [
        [1, 0, 2],
        [2, 2, 10],
      ],
    )
    assert.is(version, 12)
    assert.is(trained, false)
  }))

test('any moment of a run is what `show` says of it', () =>
  serving(async (get, _, folder) => {
    for (let version = 1; version <= 12; version++) {
      const { event, stateBefore, subscribers, diagnosesBefore, ...standing } = await get<MomentAnswer>(
        `/api/runs/short/moment?version=${version}`,
      )
      assert.equal(
        standing,
        JSON.parse(JSON.stringify(reading(folder, journal => runAt(journal, 'short', { version })))),
      )
      assert.is(event.version, version)
      assert.equal(subscribers, [])
      assert.is(diagnosesBefore, 0)
      if (version > 1)
        assert.is(
          stateBefore,
          reading(folder, journal => runAt(journal, 'short', { version: version - 1 }).state),
        )
    }
    const now = await get<MomentAnswer>('/api/runs/short/moment')
    assert.is(now.version, 12)
  }))

test('a moment tells the latest fifty diagnoses, and how many there were before', () =>
  serving(async (get, _, folder) => {
    append(folder, 'run/short', ...Array.from({ length: 70 }, (_, index) => diagnosisRaised(index % 4)))
    const { diagnoses, diagnosesBefore } = await get<MomentAnswer>('/api/runs/short/moment')
    const all = reading(folder, journal => runAt(journal, 'short').diagnoses)
    assert.is(diagnosesBefore, all.length - 50)
    assert.equal(diagnoses, JSON.parse(JSON.stringify(all.slice(-50))))
  }))

test('the log, stretch by stretch, with what was superseded', () =>
  serving(async get => {
    const first = await get<LogAnswer>('/api/runs/short/events?limit=5')
    assert.equal(
      first.events.map(({ version }) => version),
      [1, 2, 3, 4, 5],
    )
    assert.is(first.next, 5)
    const rest = await get<LogAnswer>(`/api/runs/short/events?after=${first.next}`)
    assert.equal(
      rest.events.map(({ version }) => version),
      [6, 7, 8, 9, 10, 11, 12],
    )
    assert.is(rest.next, null)
    assert.equal(
      rest.events.map(({ supersededBy }) => supersededBy),
      [null, null, 2, 2, null, null, null],
    )
  }))

test('the log by type and by text, whatever the case', () =>
  serving(async get => {
    const steps = await get<LogAnswer>('/api/runs/short/events?type=step.completed&type=run.resumed')
    assert.equal(
      steps.events.map(({ version }) => version),
      [4, 5, 8, 9, 10, 11],
    )
    const found = await get<LogAnswer>('/api/runs/short/events?text=MANUAL')
    assert.equal(
      found.events.map(({ type }) => type),
      ['checkpoint.captured'],
    )
    assert.equal((await get<LogAnswer>('/api/runs/short/events?text=nowhere')).events, [])
  }))

/** Told by what they say together: throughput, and the share of time that goes by waiting. */
const figures: readonly string[] = ['examples', 'durationMs', 'dataWaitMs']

test('the series of any moment are of the course that the run had then', () =>
  serving(async (get, _, folder) => {
    for (let version = 1; version <= 12; version++) {
      const { series, lastStep, charts } = await get<SeriesAnswer>(`/api/runs/short/series?until=${version}`)
      const { metrics, context } = reading(folder, journal => runAt(journal, 'short', { version }))
      assert.is(lastStep, context.progress.step)
      for (const { split, metric, count, latest, latestStep } of metrics) {
        const line = series.find(each => each.split === split && each.metric === metric)
        if (figures.includes(metric)) continue
        assert.is(line?.steps.length, count, `${metric} at ${version}`)
        assert.is(line?.steps.at(-1), latestStep)
        assert.is(line?.values.at(-1), Number.isFinite(latest) ? latest : null)
      }
      assert.is(charts[0]?.name, 'loss')
    }
  }))

test('the series of some steps', () =>
  serving(async get => {
    const { series } = await get<SeriesAnswer>('/api/runs/short/series?from=2&to=2')
    assert.equal(series.find(({ metric }) => metric === 'loss')?.steps, [2])
  }))

test('the log from its end', () =>
  serving(async get => {
    const last = await get<LogAnswer>('/api/runs/short/events?before=13&limit=2')
    assert.equal(
      last.events.map(({ version }) => version),
      [12, 11],
    )
    const first = await get<LogAnswer>(`/api/runs/short/events?before=3`)
    assert.equal([first.events.map(({ version }) => version), first.next, last.next], [[2, 1], null, 11])
  }))

test('what there is not is said in a sentence', () =>
  serving(async (get, url) => {
    for (const [path, sentence] of [
      ['/api/runs/none', /There is no run "none" in /],
      ['/api/runs/short/moment?version=13', /has the events 1 to 12, so there is no moment 13/],
      ['/api/runs/short/moment?version=-1', /"version" must be a whole number, not "-1"/],
      ['/api/machines/coffee', /There is nothing at \/api\/machines\/coffee/],
      ['/api/runs/..%2F..%2Fetc/events', /There is no run "..\/..\/etc"/],
    ] as const) {
      assert.is((await fetch(new URL(path, url))).status, 404, path)
      assert.match((await get<{ error: string }>(path)).error, sentence)
    }
  }))

test('a machine is drawn', () =>
  serving(async get => {
    const { chart, svg } = await get<MachineAnswer>('/api/machines/trainer')
    assert.ok(chart.states.some(({ state }) => state.id === 'trainer.training'))
    assert.match(svg, /^<svg /)
  }))

test('live events go on where a browser was cut off: none is missed, none told twice', () =>
  serving(async (_, url, folder) => {
    const live = new URL('/api/runs/short/live?after=12', url).href
    const first = listen(live, messages => messages.length > 0)
    append(folder, 'run/short', stepCompleted(4, { loss: 3, metrics: {} }))
    const [message] = await first
    assert.is(message?.id, '13')
    assert.equal(
      ((message?.data ?? []) as LiveEvents).map(({ version, type }) => [version, type]),
      [[13, 'step.completed']],
    )

    // Meanwhile more happens, also to another run.
    append(folder, 'run/other', runCreated())
    append(
      folder,
      'run/short',
      stepCompleted(5, { loss: Number.NaN, metrics: {} }),
      stepCompleted(6, { loss: 2, metrics: {} }),
    )
    const again = await listen(live, messages => messages.length > 0, { lastId: '13' })
    const told = again.flatMap(({ data }) => data as LiveEvents)
    assert.equal(
      told.map(({ version }) => version),
      [14, 15],
    )
    assert.match(JSON.stringify(told), /"loss":"NaN"/)
    assert.is(again.at(-1)?.id, '16')
  }))

test('changes tell which runs go on', () =>
  serving(async (_, url, folder) => {
    append(folder, 'run/other', runCreated())
    const messages = await listen(new URL('/api/changes?after=11', url).href, told => told.length > 0)
    assert.equal(
      messages.flatMap(({ data }) => data as Changes),
      [
        { run: 'short', version: 12 },
        { run: 'other', version: 1 },
      ],
    )
  }))

test('a port that is taken is said to be', () =>
  serving(async (_, url) => {
    const error = await rejectedBy(DashboardError, serveDashboard({ port: Number(new URL(url).port) }))
    assert.match(
      error.message,
      /^The dashboard cannot be served on 127.0.0.1, port \d+: .*EADDRINUSE.*\. Name another port, or 0 for any that is free\.$/,
    )
  }))

test.run()
