import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { startBrowser } from './browser.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { writeTwoAttempts } from './two-attempts.ts'

/**
 * Opens the page on a store, of two attempts at a run unless `prepare` makes another; fails for whatever the browser
 * complains of.
 */
export function looking(
  hash: string,
  work: (page: Page, folder: string) => Promise<void>,
  prepare: (folder: string) => void | Promise<void> = writeTwoAttempts,
): Promise<void> {
  return inTemporaryFolder(async folder => {
    await prepare(folder)
    const dashboard = await serveDashboard({ store: folder })
    const browser = await startBrowser()
    const complaints: string[] = []
    try {
      const opened = await browser.newPage()
      opened.on('console', message => message.type() === 'error' && complaints.push(message.text()))
      opened.on('pageerror', error => complaints.push(error.message))
      await opened.goto(`${dashboard.url}${hash}`)
      await work(opened, folder)
      assert.equal(complaints, [])
    } finally {
      await browser.close()
      await dashboard.close()
    }
  })
}
