import type { Browser, Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { startBrowser } from './browser.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { writeTwoAttempts } from './two-attempts.ts'

let browser: Promise<Browser> | undefined

/** Ends the browser that pages were opened in; for a suite's `after`. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
  browser = undefined
}

/** Opens an empty page; fails for whatever the browser complains of, but for what is expected. */
export async function inPage(work: (page: Page) => Promise<void>, expected?: RegExp): Promise<void> {
  browser ??= startBrowser()
  const page = await (await browser).newPage()
  const complaints: string[] = []
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  try {
    await work(page)
    assert.equal(
      complaints.filter(complaint => expected?.test(complaint) !== true),
      [],
    )
  } finally {
    await page.close()
  }
}

interface LookingOptions {
  /** Fills the store's folder; with the two attempts at a run, `short`, unless given. */
  readonly write?: (folder: string) => void
  /** What the browser may complain of. */
  readonly expected?: RegExp
}

/** Opens the page of a dashboard at a place; fails for whatever the browser complains of. */
export function looking(
  hash: string,
  work: (page: Page, folder: string) => Promise<void>,
  { write = writeTwoAttempts, expected }: LookingOptions = {},
): Promise<void> {
  return inTemporaryFolder(async folder => {
    write(folder)
    const dashboard = await serveDashboard({ store: folder })
    try {
      await inPage(async page => {
        await page.goto(`${dashboard.url}${hash}`)
        await work(page, folder)
      }, expected)
    } finally {
      await dashboard.close()
    }
  })
}
