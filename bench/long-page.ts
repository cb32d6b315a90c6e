/**
 * How a long run opens in the dashboard: the time until its page shows machine, numbers, charts and log, and the longest time that
 * the page is busy with one thing, while it opens and while one scrolls, moves the slider and looks at a stretch more closely.
 *
 *     node --import tsx bench/long-page.ts [STORE] [steps]
 *
 * The run is made up, in the folder that is named, unless one is there from an earlier time; without a name in one that is removed
 * again. The page has to be built.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { Journal } from '../src/journal/journal.ts'
import { runStream, Store } from '../src/storage/store.ts'
import { replay } from '../src/subscribers/replay.ts'
import { standardSubscribers } from '../src/subscribers/standard-subscribers.ts'
import { startBrowser } from '../test/support/browser.ts'
import { appendLongRun } from '../test/support/long-run.ts'
import { machineLine, thisMachine } from './framework/machine.ts'

const [named, steps = '1000000'] = process.argv.slice(2)
const machine = thisMachine()
const store = new Store(named ?? (await mkdtemp(path.join(tmpdir(), 'chronograd-long-page-'))))
if (!existsSync(store.journalPath)) await makeRun()

async function makeRun(): Promise<void> {
  await mkdir(store.folder, { recursive: true })
  const journal = Journal.open(store.journalPath)
  for (const _ of appendLongRun(journal, runStream('long'), { until: Number(steps) }));
  await replay(journal, runStream('long'), { subscribers: standardSubscribers })
  journal.close()
}

/** What the page does until nothing changes any more, and the longest task meanwhile, both in milliseconds. */
async function busy(page: Page, what: string, work: () => Promise<unknown>): Promise<void> {
  await page.evaluate('window.longest = 0')
  const began = performance.now()
  await work()
  const took = performance.now() - began
  await page.waitForTimeout(1_000)
  const longest = await page.evaluate<number>('window.longest')
  console.log(
    `${what.padEnd(34)} ${took.toFixed(0).padStart(6)} ms   longest task ${longest.toFixed(0).padStart(4)} ms`,
  )
}

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.locator('.machine-drawing .active').first().waitFor()
  await page.locator('[data-fact="step"] dd').waitFor()
  await page.locator('.chart canvas').first().waitFor()
  await page.locator('.virtual-list [data-version]').first().waitFor()
}

const program = path.join(import.meta.dirname, '..', 'dist', 'src', 'cli', 'bin.js')
const server = spawn(process.execPath, [program, 'serve', '--store', store.folder, '--port', '0'])
const [url] = (await once(createInterface(server.stdout), 'line')) as [string]
const browser = await startBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  // Of tasks under 50 ms the browser does not tell.
  await page.addInitScript(`
    window.longest = 0
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration)
    }).observe({ entryTypes: ['longtask'] })
  `)
  const address = `${url}#/runs/long`
  console.log(`${machineLine(machine)}`)
  await busy(page, 'opening it for the first time', () => open(page, address))
  await page.goto('about:blank')
  await busy(page, 'opening it again', () => open(page, address))
  await busy(page, 'scrolling the page', async () => {
    for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 200)
  })
  const log = page.locator('.log .virtual-list')
  await busy(page, 'scrolling the log', async () => {
    await log.hover()
    for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 400)
  })
  await busy(page, 'moving the slider', async () => {
    await page.locator('.time-bar input[type="range"]').focus()
    for (let turn = 0; turn < 8; turn++) await page.keyboard.press('PageDown')
    await page.keyboard.press('End')
  })
  await busy(page, 'looking at a stretch more closely', async () => {
    const [from, to] = [page.locator('.step-range input').first(), page.locator('.step-range input').last()]
    const answered = page.waitForResponse(response => response.url().includes('from=500000'))
    for (const [input, step] of [
      [to, '501000'],
      [from, '500000'],
    ] as const) {
      await input.fill(step)
      await input.dispatchEvent('change')
    }
    await answered
  })
} finally {
  await browser.close()
  server.kill()
  if (named === undefined) await rm(store.folder, { recursive: true })
}
