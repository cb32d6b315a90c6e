import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'

/** How long it is waited, in milliseconds. */
const patience = 30_000

/**
 * Resolves when an expression is true in a page. `page.waitForFunction` looks again by evaluating text in the page, which the
 * dashboard's content security policy forbids.
 */
export async function becomesTrue(page: Page, expression: string): Promise<void> {
  const end = performance.now() + patience
  while (!(await page.evaluate<boolean>(expression))) {
    if (performance.now() > end) throw new Error(`${expression} did not become true in ${patience / 1_000} s.`)
    await sleep(50)
  }
}
