import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chromiumPath, startBrowser } from '../support/browser.ts'
import { ChildScript, killScripts } from '../support/child-script.ts'

const page = suite(
  `inspect: the page${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? page.skip : page

let browser: Browser

page.before(async () => {
  if (chromiumPath !== undefined) browser = await startBrowser()
})
page.after(() => browser?.close())
page.after.each(killScripts)

/** Opens the page of a program that runs in a process of its own; fails for whatever the browser complains of. */
async function inspecting(
  work: (page: Page, send: (event: string) => Promise<void>, child: ChildScript) => Promise<void>,
) {
  const child = new ChildScript('test/support/inspected-child.ts')
  const address = await child.line()
  const opened = await browser.newPage()
  const complaints: string[] = []
  opened.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  opened.on('pageerror', error => complaints.push(error.message))
  await opened.goto(address)
  const send = async (event: string) => {
    child.tell(event)
    await child.line()
  }
  await work(opened, send, child)
  // When the program has ended, the browser says that nobody answers.
  assert.equal(
    complaints.filter(complaint => !complaint.includes('ERR_')),
    [],
  )
  await opened.close()
}

const active = (opened: Page, ...states: string[]) =>
  Promise.all(states.map(state => opened.locator(`[data-state="${state}"].active`).waitFor()))

test('a statechart is followed live: nested, parallel, history and final states, whatever their names are', () =>
  inspecting(async (opened, send) => {
    await active(opened, 'player.power.stopped', 'player.search.found')
    await send('play')
    await active(opened, 'player.power.playing.slow')
    await opened.locator('.arrow.taken[data-arrow="player.power.stopped → player.power.playing"]').waitFor()
    await send('faster')
    await send('stop')
    await send('resume')
    await active(opened, 'player.power.playing.fast', 'player.search.found')
    await opened.locator('.label.taken .told', { hasText: 'resume' }).waitFor()
    await send('end')
    await active(opened, 'player.power.<img src=x onerror=alert()>')
    assert.is(await opened.locator('img').count(), 0)
    assert.is(await opened.title(), 'Inspector · Chronograd')
  }))

test('every actor is in the tree, and each shows what it is in', () =>
  inspecting(async opened => {
    await opened.locator('.actor-row[data-status="done"]', { hasText: 'fetch' }).click()
    await opened.locator('.payload', { hasText: '"found": 3' }).waitFor()
    await opened.locator('.actor-row', { hasText: 'lamp' }).click()
    await active(opened, 'lamp.off')
    await opened.locator('.actor-row', { hasText: 'player' }).click()
    await opened.locator('.payload', { hasText: '"size": "10n"' }).waitFor()
    const rows = await opened.locator('.actor-row b').allTextContents()
    assert.equal(rows, ['player', 'lamp', 'ticks', 'fetch'])
  }))

test('an event that is chosen shows what was after it, and the page stays when the program is gone', () =>
  inspecting(async (opened, send, child) => {
    for (const event of ['play', 'faster', 'stop']) await send(event)
    await opened.locator('.event-row', { hasText: 'faster' }).click()
    await active(opened, 'player.power.playing.fast')
    await send('play')
    await opened.locator('.event-row', { hasText: 'play' }).nth(1).waitFor()
    await active(opened, 'player.power.playing.fast')
    await opened.getByRole('button', { name: 'One event back' }).click()
    await active(opened, 'player.power.playing.slow')
    await opened.getByLabel('Type').selectOption('stop')
    assert.is(await opened.locator('.event-row').count(), 1)
    await child.kill()
    await opened.locator('.connection[data-connected="false"]').waitFor()
    await opened.locator('.event-row', { hasText: 'stop' }).click()
    await active(opened, 'player.power.stopped')
  }))

test('a flood of events leaves the page at work, with the newest of them', () =>
  inspecting(async (opened, send) => {
    await send('flood')
    await send('play')
    await active(opened, 'player.power.playing.slow')
    await opened.locator('.payload', { hasText: '"volume": 30001' }).waitFor()
    await opened.locator('.panel.events .quiet', { hasText: 'older ones were let go of' }).waitFor()
    assert.is(await opened.locator('.actor-row').count(), 4)
  }))

page.run()
