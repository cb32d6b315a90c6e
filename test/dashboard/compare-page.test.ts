import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { chromiumPath } from '../support/browser.ts'
import { hostile, writeComparedRuns } from '../support/compared-runs.ts'
import { stepCompleted } from '../support/facts.ts'
import { looking } from '../support/looking.ts'
import { epochStarted } from '../support/training-facts.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const compare = suite(
  `dashboard: runs compared${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? compare.skip : compare

const encoded = encodeURIComponent(hostile)

test('two runs that are selected by the keyboard are compared, whatever they are called', () =>
  looking(
    '#/',
    async page => {
      const choose = async (run: string) => {
        await page.getByRole('checkbox', { name: `Select ${run}`, exact: true }).focus()
        await page.keyboard.press('Space')
      }
      await page.locator('tr[data-run="large"]').waitFor()
      assert.is(await page.getByRole('button', { name: 'Compare' }).isDisabled(), true)
      await choose('large')
      await choose(hostile)
      await page.locator('.selected', { hasText: '2 selected' }).waitFor()
      await page.reload()
      await page.locator('.selected', { hasText: '2 selected' }).waitFor()
      await page.getByRole('button', { name: 'Compare' }).press('Enter')

      const cells = (row: string) => page.locator(`[data-row="${row}"] td`)
      await cells('batchSize').first().waitFor()
      assert.equal(await cells('batchSize').allTextContents(), ['8', '4'])
      assert.match((await cells('text → image recall@1').allTextContents()).join('|'), /^0\.5 at 4\|0\.75 \(the best\)/)
      assert.match(
        (await page.locator('.pairs').textContent()) ?? '',
        /the losses are the same, bit by bit, in 2 steps, 1 to 2, and first differ at step 3 \(5 and 5\.5\)/,
      )
      assert.is(await page.locator('img').count(), 0)
      assert.is(await page.title(), 'Compared runs · Chronograd')
      assert.ok(page.url().endsWith(`#/compare?runs=large,${encoded}`), page.url())
    },
    writeComparedRuns,
  ))

test('runs with epochs of other lengths are aligned by epoch until the reader says otherwise, and go on live', () =>
  looking(
    `#/compare?runs=large,${encoded}`,
    async (page, folder) => {
      await page.locator('[data-chart="loss"] canvas').waitFor()
      const alignment = page.getByLabel('aligned by')
      assert.is(await alignment.inputValue(), 'epoch')
      await alignment.selectOption('step')
      await page.waitForURL(/&by=step$/)
      await page.getByRole('button', { name: 'All steps' }).waitFor()

      await page.locator('.connection[data-connected="true"]').waitFor()
      const journal = Journal.open(new Store(folder).journalPath)
      journal.append(runStream('large'), [epochStarted(3, 4), stepCompleted(5, { epoch: 3, loss: 3, metrics: {} })])
      journal.close()
      await page.locator('[data-row="train loss"]', { hasText: '3 at 5' }).waitFor()
    },
    writeComparedRuns,
  ))

test('of a parent that is not compared the steps before the fork are drawn', () =>
  looking(
    `#/compare?runs=fork,${encoded}`,
    async page => {
      await page.getByRole('img', { name: /^Loss: .*large, up to the fork/ }).waitFor()
      await page.locator('[data-row="forked from"]', { hasText: 'large at 2' }).waitFor()
    },
    writeComparedRuns,
  ))

test('what cannot be compared is said, with the way to what can', async () => {
  await looking('#/compare?runs=short', async page => {
    await page.getByRole('status').filter({ hasText: 'Comparing takes two runs at least' }).waitFor()
    await page.locator('main').getByRole('link', { name: 'list of runs' }).click()
    await page.locator('tr[data-run="short"]').waitFor()
  })
  await looking(
    '#/compare?runs=short,gone',
    page => page.getByRole('alert').filter({ hasText: 'There is no run "gone"' }).waitFor(),
    writeTwoAttempts,
    /404/,
  )
})

compare.run()
