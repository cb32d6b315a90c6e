import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where systems have it. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The Chromium of this machine; undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM_PATH, ...usualPlaces].find(
  place => place !== undefined && existsSync(place),
)

export function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium; name one in CHROMIUM_PATH.')
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
}
