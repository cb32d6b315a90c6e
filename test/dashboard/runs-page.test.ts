import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { chromiumPath } from '../support/browser.ts'
import { hostile, writeComparedRuns } from '../support/compared-runs.ts'
import { looking } from '../support/looking.ts'
import { runCreated } from '../support/training-facts.ts'

const runs = suite(
  `dashboard: the list of runs${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? runs.skip : runs

function shown(page: Page): Promise<(string | null)[]> {
  return page.locator('tr[data-run]').evaluateAll(rows => rows.map(row => row.getAttribute('data-run')))
}

test('a fork stands below its parent, and a line leads to it', () =>
  looking(
    '#/',
    async page => {
      await page.locator('tr[data-run="fork"] [data-rail="last"]').waitFor()
      assert.equal(await shown(page), [hostile, 'large', 'fork'])
    },
    writeComparedRuns,
  ))

test('filter and order are in the address, so that loading it again keeps them', () =>
  looking(
    '#/',
    async page => {
      await page.getByRole('button', { name: 'Best' }).click()
      await page.waitForURL(/sort=best/)
      assert.equal((await shown(page)).slice(0, 2), [hostile, 'large'])
      await page.getByRole('button', { name: 'Best' }).click()
      await page.waitForURL(/ascending=yes/)
      const ascending = await shown(page)
      await page.getByLabel('Name or tag').fill('SMALL')
      await page.waitForURL(/text=SMALL/)
      await page.reload()
      await page.locator('tr[data-run]').first().waitFor()
      assert.equal(await shown(page), [hostile])
      assert.is(await page.getByLabel('Name or tag').inputValue(), 'SMALL')
      await page.getByLabel('Name or tag').fill('')
      await page.locator('tr[data-run="large"]').waitFor()
      assert.equal(await shown(page), ascending)
      await page.getByLabel('Name or tag').fill('no such run')
      await page.getByRole('button', { name: 'Show all 3' }).click()
      await page.locator('tr[data-run="large"]').waitFor()
    },
    writeComparedRuns,
  ))

test('an empty store says how to begin, and shows the first run by itself', () =>
  looking(
    '#/',
    async (page, folder) => {
      await page.getByRole('status').filter({ hasText: 'npx chronograd train config.ts' }).waitFor()
      const journal = Journal.open(new Store(folder).journalPath)
      journal.append('run/first', [runCreated('first')])
      journal.close()
      await page.locator('tr[data-run="first"]').waitFor()
    },
    () => {},
  ))

runs.run()
