/**
 * Builds the metrics of a run again in a process of its own. For every million events it prints how many bytes the process
 * holds, and in the end how long all took and how many bytes it held at most, as lines of JSON.
 */
import { Journal } from '../../src/journal/journal.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'

const [file = '', stream = ''] = process.argv.slice(2)
const journal = Journal.open(file)
const runner = new SubscriberRunner(journal, metricsSubscriber, { stream })
let next = 0
runner.actor.subscribe(({ context }) => {
  if (context.cursor < next) return
  console.log(JSON.stringify({ events: context.cursor, bytes: process.memoryUsage.rss() }))
  next += 1_000_000
})
const began = performance.now()
runner.rebuild()
await runner.settle()
const { cursor } = runner.actor.getSnapshot().context
console.log(
  JSON.stringify({
    events: cursor,
    seconds: (performance.now() - began) / 1_000,
    bytes: process.resourceUsage().maxRSS * 1_024,
  }),
)
runner.stop()
journal.close()
