import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeReport } from '../../src/cli/report/write-report.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { chromiumPath, startBrowser } from '../support/browser.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const page = suite(
  `a report as a page${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? page.skip : page

/** What pages asked for beside their file, or complained of. */
const faults: string[] = []

/** Opens a report from its file, in a browser that has no network. */
async function opening(browser: Browser, file: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ offline: true, ...options })
  const opened = await context.newPage()
  const address = pathToFileURL(file).href
  opened.on('request', request => {
    if (request.url() !== address && !request.url().startsWith('data:')) faults.push(request.url())
  })
  opened.on('console', message => faults.push(message.text()))
  await opened.goto(address, { waitUntil: 'networkidle' })
  return opened
}

function looking(work: (open: (options?: BrowserContextOptions) => Promise<Page>) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async folder => {
    writeTwoAttempts(folder)
    const store = new Store(folder)
    await mkdir(store.runFolder('short'))
    const sheet = sharp({ create: { width: 600, height: 900, channels: 3, background: 'white' } })
    await sheet.png().toFile(store.retrievalsPath('short'))
    const file = path.join(folder, 'short.html')
    const journal = Journal.open(store.journalPath)
    await writeReport(journal, store, 'short', file)
    journal.close()
    const browser = await startBrowser()
    try {
      await work((options = {}) => opening(browser, file, options))
      assert.equal(faults.splice(0), [])
    } finally {
      await browser.close()
    }
  })
}

function colourOf(opened: Page, selector: string, property: string): Promise<string> {
  const element = `document.querySelector(${JSON.stringify(selector)})`
  return opened.evaluate(`getComputedStyle(${element}).getPropertyValue(${JSON.stringify(property)})`)
}

test('opens without a network and asks for nothing, with its charts, its sheet and its lifecycle', () =>
  looking(async open => {
    const opened = await open()
    await opened.getByRole('heading', { name: 'short', exact: true }).waitFor()
    assert.ok((await opened.locator('svg.wide:visible').count()) > 1)
    await opened.getByRole('img', { name: 'Texts and the pictures nearest to them' }).waitFor()
    assert.is(await opened.evaluate('document.querySelector("img").naturalWidth'), 600)
    assert.is(await opened.locator('.state.active').getAttribute('data-state'), 'trainer.training')
  }))

test('is light or dark as its reader likes, in every part', () =>
  looking(async open => {
    for (const [selector, property] of [
      ['body', 'background-color'],
      ['h2', 'color'],
      ['svg.wide text', 'fill'],
      ['.statechart .name', 'fill'],
      ['.state.active > .box', 'fill'],
    ] as const) {
      const [light, dark] = [await open({ colorScheme: 'light' }), await open({ colorScheme: 'dark' })]
      assert.is.not(await colourOf(light, selector, property), await colourOf(dark, selector, property), selector)
    }
  }))

test('fits a phone: only what is wide is scrolled, not the page', () =>
  looking(async open => {
    const opened = await open({ viewport: { width: 390, height: 844 } })
    assert.is(await opened.evaluate('document.documentElement.scrollWidth'), 390)
    assert.is(await opened.locator('svg.wide:visible').count(), 0)
    assert.ok((await opened.locator('svg.narrow:visible').count()) > 1)
    const chart = opened.locator('.drawing div')
    assert.ok(await chart.evaluate(element => element.scrollWidth > element.clientWidth && element.clientWidth <= 390))
  }))

page.run()
