import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WatchedRun } from '../../../src/cli/watch/watched-run.ts'
import type { WatchedState } from '../../../src/cli/watch/watched-state.ts'
import { Journal } from '../../../src/journal/journal.ts'
import { Store } from '../../../src/storage/store.ts'
import { metricsSubscriber } from '../../../src/subscribers/metrics.ts'
import { replay } from '../../../src/subscribers/replay.ts'
import { appendLongRun } from '../../support/long-run.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'
import { writeTwoAttempts } from '../../support/two-attempts.ts'

const watched = suite('a watched run')

/** Of a run that nobody trains. */
function lookAt(journal: Journal, folder: string, run: string): WatchedState {
  const fresh = new WatchedRun(journal, new Store(folder), run)
  while (!fresh.readOn());
  return fresh.look(false)
}

async function inStore(use: (journal: Journal, folder: string) => Promise<void> | void): Promise<void> {
  await inTemporaryFolder(async folder => {
    const journal = Journal.open(path.join(folder, 'journal.sqlite'))
    try {
      await use(journal, folder)
    } finally {
      journal.close()
    }
  })
}

watched('is the same whether it was watched from the beginning or is looked at now, resumes and all', () =>
  inStore(async (journal, folder) => {
    const rhythm = { rhythm: 20, lifetime: 90, until: 700, batchSize: 7 }
    let watching: WatchedRun | undefined
    let looks = 0
    for (const { version } of appendLongRun(journal, 'run/long', rhythm)) {
      watching ??= new WatchedRun(journal, new Store(folder), 'long')
      // What is read at once differs: an event, or many, with a resume among them.
      if ((version * version) % 5 === 1) while (!watching.readOn());
      if (version % 90 > 6) continue
      while (!watching.readOn());
      assert.equal(watching.look(false), lookAt(journal, folder, 'long'), `at version ${version}`)
      looks++
    }
    assert.ok(looks > 5)
    assert.ok((watching?.snapshot.context.attempt ?? 0) > 3)

    // What the metrics subscriber has is the same again.
    const { subscribers: none, ...before } = lookAt(journal, folder, 'long')
    await replay(journal, 'run/long', { subscribers: [metricsSubscriber] })
    const { subscribers, ...after } = lookAt(journal, folder, 'long')
    assert.equal(after, before)
    assert.equal([none.length, subscribers.length], [0, 1])
  }),
)

watched('shows no step that another attempt did again, and marks its events', () =>
  inTemporaryFolder(folder => {
    writeTwoAttempts(folder)
    const journal = Journal.open(path.join(folder, 'journal.sqlite'), { readOnly: true })
    const { charts, steps, standing, attempt, events, diagnoses, progress } = lookAt(journal, folder, 'short')
    journal.close()
    assert.equal(charts[0]?.points, { steps: [1, 2, 3], values: [8, 6, 4] })
    assert.equal([charts[0]?.label, charts[0]?.latest, charts[0]?.best], ['loss', '4', '4 at 3'])
    assert.equal([steps, standing, attempt], [{ from: 1, to: 3 }, 'killed', 2])
    assert.equal(progress, { step: 3, totalSteps: 8, epoch: 1, epochs: 1 })
    assert.is(diagnoses.length, 1)
    assert.equal(
      events.map(({ event, superseded }) => [event.type, superseded]),
      [
        ...['run.created', 'run.started', 'epoch.started', 'checkpoint.captured', 'checkpoint.saved'],
        ...['run.resumed', 'diagnosis.raised'],
      ].map(type => [type, undefined]),
    )
  }),
)

watched('thins a long course out while it goes on, and knows its latest and best values all the same', () =>
  inStore((journal, folder) => {
    const course = appendLongRun(journal, 'run/long', { rhythm: 500, until: 3_000, batchSize: 100 })
    course.next()
    const watching = new WatchedRun(journal, new Store(folder), 'long')
    for (const _ of course) while (!watching.readOn());
    const [now, fresh] = [watching.look(true), lookAt(journal, folder, 'long')]
    for (const [index, { points, ...told }] of now.charts.entries()) {
      assert.ok(points.steps.length <= 512)
      const { points: other, ...same } = fresh.charts[index] ?? { points: { steps: [] } }
      assert.equal(told, same)
      assert.ok(other.steps.length <= 512)
    }
    const loss = now.charts[0]?.points
    assert.ok((loss?.steps.length ?? 0) > 256)
    assert.ok((loss?.values[0] ?? 0) > 2 * (loss?.values.at(-1) ?? Number.NaN))
  }),
)

watched('knows how far each subscriber is behind, and why one is parked', () =>
  inStore(async (journal, folder) => {
    for (const _ of appendLongRun(journal, 'run/long', { until: 60 }));
    const breaks = {
      name: 'breaks',
      revision: 1,
      handle: ({ version }: { version: number }) => {
        if (version === 5) throw new Error('no fifth')
      },
    }
    await replay(journal, 'run/long', { subscribers: [breaks, metricsSubscriber] })
    for (const _ of appendLongRun(journal, 'run/long', { until: 63 }));
    const { subscribers } = lookAt(journal, folder, 'long')
    assert.equal(
      subscribers.find(({ name }) => name === 'metrics'),
      { name: 'metrics', behind: 3, error: null },
    )
    const parked = subscribers.find(({ name }) => name === 'breaks')
    assert.match(parked?.error ?? '', 'no fifth')
    assert.ok((parked?.behind ?? 0) >= 58)
  }),
)

watched.run()
