import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runStream } from '../../src/storage/store.ts'
import { chromiumPath } from '../support/browser.ts'
import { ChildScript, killScripts } from '../support/child-script.ts'
import { type Running, startChronograd } from '../support/command-line.ts'
import { inPage, looking } from '../support/looking.ts'
import { reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const live = suite(
  `dashboard: a run that is trained${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? live.skip : live
live.after.each(killScripts)

const served: Running[] = []
live.after.each(() => {
  for (const { child } of served.splice(0)) child.kill('SIGKILL')
})

/** Serves a store from a process of its own. @returns where */
async function serve(store: string, port: string): Promise<{ url: URL; kill: () => Promise<void> }> {
  const running = startChronograd(['serve', '--store', store, '--port', port], { cwd: store })
  served.push(running)
  let out = ''
  running.child.stdout?.on('data', text => {
    out += text
  })
  await running.seen(/^http:.*\/$/m)
  const kill = async () => {
    running.child.kill('SIGKILL')
    await running.ended
  }
  return { url: new URL(out.trim()), kill }
}

function training(store: string, ...holdAfter: readonly string[]): ChildScript {
  return new ChildScript('test/support/held-training-child.ts', store, 'held', ...holdAfter)
}

const connected = '.connection[data-connected="true"]'

/** The versions that the log list shows, from its first row to its last, once all of its rows are there. */
async function shownVersions(page: Page, count: number): Promise<number[]> {
  const list = page.locator('.virtual-list')
  await list.evaluate((element, height) => {
    element.style.height = `${height}px`
  }, 31 * count)
  await page.locator('[data-version="1"]').waitFor()
  const rows = page.locator('[data-version]')
  return rows.evaluateAll(elements => elements.map(element => Number(element.getAttribute('data-version'))))
}

test('it is followed to its end while the server is killed and started again: nothing is missed, nothing comes twice', () =>
  inTemporaryFolder(store =>
    inPage(async page => {
      const child = training(store, '3', '8')
      assert.is(await child.line(), '3')
      const { url, kill } = await serve(store, '0')
      await page.goto(`${url}#/runs/held`)
      await page.locator('[data-fact="step"] dd', { hasText: /^3$/ }).waitFor()
      await page.getByRole('img', { name: 'Learning rate: train, planned', exact: true }).waitFor()

      await kill()
      await page.locator('.connection', { hasText: 'not connected' }).waitFor()
      child.tell('go on')
      assert.is(await child.line(), '8')
      await serve(store, url.port)
      await page.locator(connected).waitFor()
      await page.locator('[data-fact="step"] dd', { hasText: /^8$/ }).waitFor()

      child.tell('go on')
      await child.rest()
      await page.locator('.run-head .state-mark', { hasText: 'completed' }).waitFor()
      await page.getByRole('img', { name: 'Learning rate: train', exact: true }).waitFor()
      const versions = reading(store, journal =>
        Array.from(journal.read({ stream: runStream('held') }), ({ version }) => version),
      )
      await page.locator('.time-told', { hasText: `event ${versions.length} of ${versions.length}` }).waitFor()
      assert.equal(await shownVersions(page, versions.length), versions.toReversed())
    }, /ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/),
  ))

for (const hash of ['#/', '#/runs/held', '#/compare?runs=held,short']) {
  test(`that its process was killed is told at ${hash}`, () =>
    looking('#/', async (page, store) => {
      const child = training(store, '3')
      assert.is(await child.line(), '3')
      await page.goto(`${new URL('/', page.url())}${hash}`)
      await page.locator(connected).waitFor()
      await page.locator('.state-mark', { hasText: 'training' }).waitFor()
      const killed = page.locator('.state-mark', { hasText: 'killed' })
      const before = await killed.count()
      await child.kill()
      await killed.nth(before).waitFor()
      assert.is(await page.locator('.state-mark', { hasText: 'training' }).count(), 0)
    }))
}

test('that the server does not answer is said, and what to do', () =>
  looking(
    '#/',
    async page => {
      await page.locator(connected).waitFor()
      await page.route('**/api/**', route => route.abort())
      await page.goto(`${new URL('/', page.url())}#/runs/short`)
      await page.getByRole('alert').filter({ hasText: 'The server does not answer' }).first().waitFor()
    },
    writeTwoAttempts,
    /ERR_FAILED/,
  ))

live.run()
