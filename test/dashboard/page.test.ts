import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LogAnswer } from '../../src/dashboard/answers/logged-events.ts'
import type { SeriesNews } from '../../src/dashboard/answers/series.ts'
import { runAt } from '../../src/history/run-at.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { becomesTrue } from '../support/becomes-true.ts'
import { chromiumPath } from '../support/browser.ts'
import { stepCompleted } from '../support/facts.ts'
import { looking } from '../support/looking.ts'
import { PageAnswers } from '../support/page-answers.ts'
import { reading } from '../support/runs.ts'
import { runCreated } from '../support/training-facts.ts'

const page = suite(
  `dashboard: the page${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? page.skip : page

const hostile = '<img src=x onerror="document.title=1">'

function append(folder: string, stream: string, ...facts: Parameters<Journal['append']>[1]): void {
  const journal = Journal.open(new Store(folder).journalPath)
  journal.append(stream, facts)
  journal.close()
}

test('a run that begins shows up by itself, and its name is text whatever is in it', () =>
  looking('#/', async (opened, folder) => {
    await opened.locator('tr[data-run="short"]').waitFor()
    await opened.locator('.connection[data-connected="true"]').waitFor()
    append(folder, `run/${hostile}`, runCreated(hostile))
    await opened.getByRole('link', { name: hostile, exact: true }).click()
    await opened.getByRole('heading', { level: 1, name: hostile }).waitFor()
    assert.is(await opened.locator('img').count(), 0)
    assert.is(await opened.title(), `${hostile} · Chronograd`)
  }))

test('a moment of a run is what `show` says of it, also when one goes on from it by a key', () =>
  looking('#/runs/short?at=5', async (opened, folder) => {
    for (const version of [5, 6]) {
      await opened.locator('.time-told', { hasText: `event ${version} of 12` }).waitFor()
      const { state, event } = reading(folder, journal => ({
        state: runAt(journal, 'short', { version }),
        event: journal.readPage({ stream: 'run/short', after: version - 1 }, 1)[0],
      }))
      await opened.locator('.time-told code', { hasText: event?.type ?? '' }).waitFor()
      await opened.locator(`[data-state="trainer.${state.state}"].active`).waitFor()
      assert.is(await opened.locator('[data-fact="step"] dd').textContent(), String(state.context.progress.step))
      await opened.keyboard.press('ArrowRight')
    }
    assert.match(opened.url(), /\?at=7$/)
  }))

test('the actors are told as the log has them at the moment', () =>
  looking('#/runs/short?at=6', async opened => {
    const actor = (name: string) => opened.locator(`[data-actor="${name}"]`)
    await actor('checkpoint')
      .filter({ hasText: /writing.*step 2 \(manual\)/ })
      .waitFor()
    await actor('trainer')
      .filter({ hasText: /training.*attempt 1/ })
      .waitFor()
    await actor('loop')
      .filter({ hasText: /working.*2 steps done/ })
      .waitFor()
    await actor('evaluation')
      .filter({ hasText: /idle.*none done/ })
      .waitFor()
    await opened.keyboard.press('ArrowRight')
    await actor('checkpoint')
      .filter({ hasText: /saved.*step 2/ })
      .waitFor()
  }))

test('a run is followed live, and its log shows what was superseded', () =>
  looking('#/runs/short', async (opened, folder) => {
    await opened.locator('.connection[data-connected="true"]').waitFor()
    await opened.locator('canvas').first().waitFor()
    const asked = opened.waitForResponse(response => response.url().includes('/series?'))
    append(folder, 'run/short', stepCompleted(4, { loss: 3, metrics: {} }))
    await opened.locator('.time-told', { hasText: 'event 13 of 13' }).waitFor()
    await opened.locator('[data-version="13"]').waitFor()
    const news = (await (await asked).json()) as SeriesNews
    assert.is(news.since, 12, 'the charts ask for what has changed only')
    assert.is(await opened.locator('[data-superseded="true"]').count(), 2)
  }))

test('a step that is being typed stays while the run goes on, and is looked at closer when it is done', () =>
  looking('#/runs/short', async (opened, folder) => {
    await opened.locator('.connection[data-connected="true"]').waitFor()
    const [from, to] = [opened.getByLabel('steps', { exact: true }), opened.getByLabel('to', { exact: true })]
    await from.fill('2')
    append(folder, 'run/short', stepCompleted(4, { loss: 3, metrics: {} }))
    await opened.locator('.time-told', { hasText: 'event 13 of 13' }).waitFor()
    await becomesTrue(opened, "document.querySelectorAll('.step-range input')[1].value === '4'")
    assert.is(await from.inputValue(), '2')
    const asked = opened.waitForRequest(request => /\/series\?.*from=2&to=4/.test(request.url()))
    await from.press('Enter')
    await asked
    // Nor is what was taken back, or makes no sense.
    await to.press('End')
    for (const key of ['1', 'Backspace', 'Tab']) await to.press(key)
    append(folder, 'run/short', stepCompleted(5, { loss: 2, metrics: {} }))
    await opened.getByRole('button', { name: 'All steps' }).click()
    await becomesTrue(opened, "document.querySelectorAll('.step-range input')[1].value === '5'")
    await to.fill('0')
    await to.press('Enter')
    assert.is(await to.inputValue(), '5')
  }))

test('as a run goes on its log is asked only for what is new, also where it is filtered', () =>
  looking('#/runs/short', async (opened, folder) => {
    await opened.locator('[data-version="12"]').waitFor()
    const stepsIn = async (count: number) => {
      await opened.locator(`.log [data-version="${12 + count}"]`).waitFor()
      const rows = opened.locator('.log [data-version]')
      return rows.evaluateAll(elements => elements.map(element => Number(element.getAttribute('data-version'))))
    }
    const answers = new PageAnswers(opened, /\/events\?/)
    /** The versions of the events that the page was told since this was asked last. */
    const told = async () =>
      (await answers.take()).flatMap(({ body }) => (JSON.parse(body) as LogAnswer).events.map(({ version }) => version))
    append(folder, 'run/short', stepCompleted(4, { loss: 3, metrics: {} }))
    assert.equal(await stepsIn(1), [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert.equal(await told(), [13])

    const filtered = opened.locator('.log select')
    await filtered.selectOption('step.completed')
    await opened.locator('[data-version="12"]').waitFor({ state: 'detached' })
    assert.equal(await stepsIn(1), [13, 11, 9, 8, 5, 4])
    await told()
    append(folder, 'run/short', stepCompleted(5, { loss: 2, metrics: {} }), stepCompleted(6, { loss: 1, metrics: {} }))
    assert.equal(await stepsIn(3), [15, 14, 13, 11, 9, 8, 5, 4])
    assert.equal(await told(), [14, 15])
    await answers.stop()

    await opened.goto(`${new URL('/', opened.url())}#/runs/short?at=10`)
    await opened.locator('[data-version="11"]').waitFor({ state: 'detached' })
    assert.equal(
      await opened
        .locator('.log [data-version]')
        .evaluateAll(rows => rows.map(row => row.getAttribute('data-version'))),
      ['9', '8', '5', '4'],
    )
  }))

page.run()
