/**
 * Opens a page of the dashboard in a browser and looks at it until it is told to end; then prints how many answers the page
 * has got in a second, and what share of a core the browser took. `bench/watching.ts` starts it with the lowest priority.
 *
 *     node --import tsx bench/watching-browser.ts ADDRESS
 */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBrowser } from '../test/support/browser.ts'

/** For how long a page has opened by then, which is not what is looked for, in milliseconds. */
const settling = 3_000

/** Clock ticks in a second, as Linux counts the time that processes computed. */
const ticks = 100

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
await sleep(settling)
console.log('looking')
answers = 0
const [began, hadComputed] = [performance.now(), secondsComputed()]
await once(process, 'SIGTERM')
const seconds = (performance.now() - began) / 1_000
console.log(JSON.stringify({ answers: answers / seconds, cores: (secondsComputed() - hadComputed) / seconds }))
await browser.close()

/** For how long all processes of the browser have computed. */
function secondsComputed(): number {
  const processes = new Map<number, { parent: number; computed: number }>()
  for (const id of readdirSync('/proc').map(Number)) {
    const file = `/proc/${id}/stat`
    if (!existsSync(file)) continue
    // What follows a process's name, which may hold anything.
    const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const [parent = 0, user = 0, system = 0] = [1, 11, 12].map(field => Number(fields[field]))
    processes.set(id, { parent, computed: (user + system) / ticks })
  }
  const isOurs = (id: number): boolean => {
    const parent = processes.get(id)?.parent ?? 0
    return parent === process.pid || (parent > 1 && isOurs(parent))
  }
  return [...processes].reduce((sum, [id, { computed }]) => (isOurs(id) ? sum + computed : sum), 0)
}
