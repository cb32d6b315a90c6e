import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { startBrowser } from './browser.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { writeTwoAttempts } from './two-attempts.ts'

/** Opens an empty page in a browser; fails for whatever the browser complains of, but for what is expected. */
export async function inPage(work: (page: Page) => Promise<void>, expected?: RegExp): Promise<void> {
  const browser = await startBrowser()
  const complaints: string[] = []
  try {
    const opened = await browser.newPage()
    opened.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    opened.on('pageerror', error => complaints.push(error.message))
    await work(opened)
    assert.equal(
      complaints.filter(complaint => expected?.test(complaint) !== true),
      [],
    )
  } finally {
    await browser.close()
  }
}

/**
 * Opens the page on a store, of two attempts at a run unless `prepare` makes another; fails for whatever the browser
 * complains of, but for what is expected.
 */
export function looking(
  hash: string,
  work: (page: Page, folder: string) => Promise<void>,
  prepare: (folder: string) => void | Promise<void> = writeTwoAttempts,
  expected?: RegExp,
): Promise<void> {
  return inTemporaryFolder(async folder => {
    await prepare(folder)
    const dashboard = await serveDashboard({ store: folder })
    try {
      await inPage(async opened => {
        await opened.goto(`${dashboard.url}${hash}`)
        await work(opened, folder)
      }, expected)
    } finally {
      await dashboard.close()
    }
  })
}
