/**
 * Takes the README's pictures of the dashboard: a run, what its model finds, and runs compared.
 *
 *     node --import tsx scripts/screenshots.ts STORE RUN STORE RUN,RUN,RUN
 *
 * The first store and run are what is looked at alone, the others what is compared. The page has to be built.
 */
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { serveDashboard } from '../src/dashboard/serve-dashboard.ts'
import { startBrowser } from '../test/support/browser.ts'
import { root } from './root.ts'

const [store = '', run = '', comparedStore = '', compared = ''] = process.argv.slice(2)
const width = 1280

interface Shot {
  readonly name: string
  readonly store: string
  readonly hash: string
  readonly scheme: 'light' | 'dark'
  /** How much of the page, in pixels. */
  readonly height: number
  /** Brings the page to what is to be seen. */
  readonly show: (page: Page) => Promise<unknown>
}

const shots: readonly Shot[] = [
  {
    name: 'dashboard-run',
    store,
    hash: `#/runs/${encodeURIComponent(run)}`,
    scheme: 'light',
    height: 1_100,
    show: page => page.getByRole('button', { name: 'Whole machine' }).click(),
  },
  {
    name: 'dashboard-look',
    store,
    hash: `#/runs/${encodeURIComponent(run)}`,
    scheme: 'light',
    height: 940,
    show: page => scrollTo(page, 'Look'),
  },
  {
    name: 'dashboard-compare',
    store: comparedStore,
    hash: `#/compare?runs=${compared.split(',').map(encodeURIComponent).join(',')}`,
    scheme: 'dark',
    height: 1_000,
    show: page => scrollTo(page, 'Measured'),
  },
]

function scrollTo(page: Page, panel: string): Promise<void> {
  return page.getByRole('heading', { name: panel }).evaluate(heading => heading.closest('.panel')?.scrollIntoView())
}

async function take(browser: Browser, { name, store, hash, scheme, height, show }: Shot): Promise<void> {
  const dashboard = await serveDashboard({ store })
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
  await page.goto(`${dashboard.url}${hash}`)
  await page.locator('canvas').first().waitFor()
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {
    // Pages that are told news never rest; what is there by now is what is drawn.
  })
  await show(page)
  // Charts grow into place, and pictures are asked for when they come into view.
  await page.waitForTimeout(2_000)
  const picture = await page.screenshot()
  await sharp(picture)
    .png({ palette: true, compressionLevel: 9 })
    .toFile(path.join(root, 'docs', 'pictures', `${name}.png`))
  await page.close()
  await dashboard.close()
}

const browser = await startBrowser()
for (const shot of shots) await take(browser, shot)
await browser.close()
