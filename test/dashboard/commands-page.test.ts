import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CommandName } from '../../src/dashboard/answers/commands.ts'
import { chromiumPath, startBrowser } from '../support/browser.ts'
import { ServedRun } from '../support/served-run.ts'
import { inSquaresProject } from '../support/squares-project.ts'

const page = suite(
  `dashboard: commands on the page${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? page.skip : page

let browser: Browser

page.before(async () => {
  if (chromiumPath !== undefined) browser = await startBrowser()
})
page.after(() => browser?.close())

/** A page without the browser's memory of other tests. */
async function opening(address: string, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext()
  try {
    const opened = await context.newPage()
    await opened.goto(address)
    await work(opened)
  } finally {
    await context.close()
  }
}

const button = (opened: Page, command: CommandName) => opened.locator(`[data-command="${command}"]`)
const ready = (opened: Page, command: CommandName) =>
  opened.locator(`[data-command="${command}"][aria-disabled="false"]`)

/** What assistive technology reads of a button beside its label. */
async function descriptionOf(opened: Page, command: CommandName): Promise<string | null> {
  const id = await button(opened, command).getAttribute('aria-describedby')
  return opened.locator(`[id="${id}"]`).textContent()
}

test('a run is paused, continued, evaluated, saved and stopped, by keys alone, and the facts arrive', () =>
  inSquaresProject(async project => {
    const served = await ServedRun.train(project)
    await opening(served.printed, async opened => {
      const complaints: string[] = []
      opened.on('console', message => message.type() === 'error' && complaints.push(message.text()))
      opened.on('pageerror', error => complaints.push(error.message))
      assert.is(opened.url(), `${served.url}#/runs/squares`)
      for (const [command, fact] of [
        ['pause', 'run.paused'],
        ['evaluate', 'evaluation.started'],
        ['save', 'checkpoint.captured'],
        ['continue', 'run.continued'],
      ] as const) {
        await ready(opened, command).press('Enter')
        await opened.locator('.command-status code', { hasText: fact }).waitFor()
        await served.told(fact)
        if (command !== 'pause') continue
        await opened.locator('[data-command="pause"][aria-disabled="true"]').waitFor()
        assert.is(await descriptionOf(opened, 'pause'), 'The run is paused, so "pause" makes no sense now.')
        await button(opened, 'pause').press('Enter')
        await opened.locator('.refused', { hasText: 'so "pause" makes no sense now.' }).waitFor()
      }

      await ready(opened, 'stop').press('Enter')
      const dialog = opened.getByRole('dialog', { name: 'Stop this run?' })
      await dialog.waitFor()
      await opened.keyboard.press('Enter')
      await dialog.waitFor({ state: 'hidden' })
      await ready(opened, 'stop').press('Enter')
      await dialog.waitFor()
      assert.equal(complaints, [])
      await opened.keyboard.press('Tab')
      await opened.keyboard.press('Enter')
      await opened.locator('.command-status code', { hasText: 'run.interrupted' }).waitFor()
      await opened.locator('.title-line .state-mark', { hasText: 'interrupted' }).waitFor()
      assert.is((await served.running.ended).code, 0)
    })
  }))

test('a page that nobody sees while a run ends shows the end to who comes back', () =>
  inSquaresProject(async project => {
    const served = await ServedRun.train(project)
    await opening(served.printed, async opened => {
      await ready(opened, 'stop').waitFor()
      // Browsers give no frames to pages that are hidden.
      await opened.evaluate('window.requestAnimationFrame = () => 0')
      await served.told('epoch.completed')
      await served.send('stop')
      assert.is((await served.running.ended).code, 0)
      await opened.locator('.title-line .state-mark', { hasText: 'interrupted' }).waitFor()
      assert.is(await opened.getByRole('alert').count(), 0)
    })
  }))

test('a refusal that comes back is told, the buttons tell of now, and without the token why they do nothing', () =>
  inSquaresProject(async project => {
    const served = await ServedRun.train(project)
    await opening(served.printed, async opened => {
      await ready(opened, 'pause').waitFor()
      // Somebody else is quicker, and this page has not heard of it yet.
      const stale = JSON.stringify(await served.commands())
      await opened.route('**/commands', route =>
        route.request().method() === 'GET' ? route.fulfill({ body: stale }) : route.continue(),
      )
      await served.send('pause')
      await served.told('run.paused')
      await button(opened, 'pause').click()
      await opened.locator('.refused', { hasText: 'The run is paused, so "pause" makes no sense now.' }).waitFor()
    })
    await opening(`${served.url}#/runs/squares?at=1`, async opened => {
      await opened.locator('.time-told', { hasText: 'event 1 of' }).waitFor()
      await opened.locator('.command-bar', { hasText: 'They act on the run as it is now: paused, at step' }).waitFor()
      for (const command of ['continue', 'stop'] as const) {
        assert.is(await button(opened, command).getAttribute('aria-disabled'), 'true')
        assert.match((await descriptionOf(opened, command)) ?? '', 'This needs the token')
      }
    })
    await served.send('stop')
    assert.is((await served.running.ended).code, 0)
  }))

page.run()
