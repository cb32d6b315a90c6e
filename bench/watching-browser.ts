/**
 * Opens a page of the dashboard in a browser and looks at it until it is told to end; then prints how many answers the page
 * has got. `bench/watching.ts` starts it with the lowest priority.
 *
 *     node --import tsx bench/watching-browser.ts ADDRESS
 */
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { startBrowser } from '../test/support/browser.ts'

const browser = await startBrowser()
// The browser leads a session of its own, and Linux shares its cores among sessions before it looks at priorities within one.
for (const child of readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')) {
  const group = `/proc/${child}/autogroup`
  if (existsSync(group)) writeFileSync(group, '19')
}
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
let answers = 0
page.on('response', () => {
  answers += 1
})
await page.goto(process.argv[2] ?? '')
await page.locator('.connection[data-connected="true"]').waitFor()
await page.locator('.chart canvas').first().waitFor()
console.log('looking')
await once(process, 'SIGTERM')
console.log(answers)
await browser.close()
