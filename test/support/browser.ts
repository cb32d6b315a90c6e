import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where systems have it, and where `npx playwright-core install chromium` puts it. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  chromium.executablePath(),
]

/** The Chromium of this machine; undefined where there is none that can be started. */
export const chromiumPath = [process.env.CHROMIUM_PATH, ...usualPlaces].find(
  place => place !== undefined && existsSync(place) && starts(place),
)

/** One that was downloaded may miss libraries of the system. */
function starts(place: string): boolean {
  return spawnSync(place, ['--version'], { stdio: 'ignore' }).status === 0
}

export function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium; name one in CHROMIUM_PATH.')
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
}
