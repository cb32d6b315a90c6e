import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LogAnswer } from '../../src/dashboard/answers/logged-events.ts'
import type { SeriesNews } from '../../src/dashboard/answers/series.ts'
import { runAt } from '../../src/history/run-at.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { replay } from '../../src/subscribers/replay.ts'

import { chromiumPath } from '../support/browser.ts'
import { stepCompleted } from '../support/facts.ts'
import { appendLongRun } from '../support/long-run.ts'
import { looking } from '../support/looking.ts'
import { type PageAnswer, PageAnswers } from '../support/page-answers.ts'
import { reading } from '../support/runs.ts'

const long = suite(
  `dashboard: a million events${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? long.skip : long

const stream = 'run/long'
const events = 1_000_000

/** Buckets of two points each, and what joins and ends them. */
const mostPoints = 1_010

/** Steps that come while one looks. */
const later = 40

async function writeRun(folder: string): Promise<void> {
  const journal = Journal.open(new Store(folder).journalPath)
  for (const _ of appendLongRun(journal, stream, { until: events }));
  await replay(journal, stream, { subscribers: [metricsSubscriber] })
  journal.close()
}

/** Goes on with it by some steps, one after the other. */
function goOn(folder: string): void {
  const journal = Journal.open(new Store(folder).journalPath)
  const { step, epoch } = runAt(journal, 'long').context.progress
  for (let next = step + 1; next <= step + later; next++) {
    journal.append(stream, [stepCompleted(next, { epoch, metrics: {} })])
  }
  journal.close()
}

function seriesIn(answers: readonly PageAnswer[]): SeriesNews[] {
  return answers.filter(({ address }) => address.includes('/series?')).map(({ body }) => JSON.parse(body))
}

test('its page is told as much as it can show, and of what is new no more than that', () =>
  looking(
    '#/',
    async (page, folder) => {
      const answers = new PageAnswers(page, /\/api\/runs\/long\/(?!live)/)
      await page.goto(`${new URL('/', page.url())}#/runs/long`)
      const shownStep = (version: number) => {
        const { step } = reading(folder, journal => runAt(journal, 'long', { version })).context.progress
        return page.locator('[data-fact="step"] dd', { hasText: new RegExp(`^${step.toLocaleString('en-US')}$`) })
      }
      await shownStep(events).waitFor()
      await page.locator('.chart canvas').first().waitFor()
      await page.locator(`.log [data-version="${events}"]`).waitFor()

      const first = await answers.take()
      const [whole] = seriesIn(first)
      assert.ok(whole !== undefined && whole.lastStep > 0.99 * events)
      for (const { steps, means } of whole.series) {
        assert.ok(Math.max(steps.length, means?.steps.length ?? 0) <= mostPoints, `${steps.length} points`)
      }
      const rows = await page.locator('.log [data-version]').count()
      assert.ok(rows < 100, `${rows} rows of the log are drawn`)
      const size = first.reduce((sum, { body }) => sum + body.length, 0)
      assert.ok(size < 1.5e6, `it was told ${size} characters`)

      await page.locator('.connection[data-connected="true"]').waitFor()
      const told = page.waitForResponse(async response => {
        if (!response.url().includes('/series?')) return false
        return ((await response.json()) as SeriesNews).version === events + later
      })
      goOn(folder)
      await shownStep(events + later).waitFor()
      await page.locator(`.log [data-version="${events + later}"]`).waitFor()
      await told
      const news = await answers.take()
      await answers.stop()
      for (const { since, told: from, series } of seriesIn(news)) {
        assert.ok(since !== null && since >= events, 'the charts ask for what has changed only')
        assert.ok(from > 0.9 * whole.lastStep)
        for (const { steps } of series) assert.ok(steps.length <= 20, `${steps.length} points`)
      }
      const logged = news
        .filter(({ address }) => address.includes('/events?'))
        .flatMap(({ body }) => (JSON.parse(body) as LogAnswer).events.map(({ version }) => version))
      assert.equal(
        logged,
        Array.from({ length: later }, (_, index) => events + 1 + index),
      )

      await page.goto(`${new URL('/', page.url())}#/runs/long?at=${events / 2}`)
      await shownStep(events / 2).waitFor()
      await page.locator(`.log [data-version="${events / 2}"]`).waitFor()
    },
    writeRun,
  ))

long.run()
