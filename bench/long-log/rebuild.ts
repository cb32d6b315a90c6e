/**
 * Builds the metrics of a run again in a process of its own, compiled as users run it. Every few seconds it prints how many
 * bytes the process holds, and in the end how many events it handled, how long that took and how many bytes it held at
 * most, as lines of JSON.
 */
import { Journal, metricsSubscriber, replay } from 'chronograd'

const [file = '', stream = ''] = process.argv.slice(2)
const journal = Journal.open(file)
const began = performance.now()
const seconds = () => (performance.now() - began) / 1_000
const telling = setInterval(() => {
  console.log(JSON.stringify({ seconds: seconds(), bytes: process.memoryUsage.rss() }))
}, 10_000)
const [result] = await replay(journal, stream, { subscribers: [metricsSubscriber] })
clearInterval(telling)
const bytes = process.resourceUsage().maxRSS * 1_024
console.log(JSON.stringify({ seconds: seconds(), bytes, events: result?.events }))
journal.close()
