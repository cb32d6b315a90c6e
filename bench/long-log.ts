/**
 * What a long log costs: a made-up run of so many events is appended as a trainer would, and then read, shown, folded,
 * followed and archived. It takes 0.6 gigabytes of the disk for a million events, and two minutes.
 *
 *     npm run build && node --import tsx bench/long-log.ts [events, 10 million unless given] [folder]
 *
 * In a folder that is named the journal stays, and is measured again the next time instead of being made again.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { trainerMachine } from '../machines/trainer.ts'
import { runAt } from '../src/history/run-at.ts'
import { Journal } from '../src/journal/journal.ts'
import { Random } from '../src/random/random.ts'
import { runStream, Store } from '../src/storage/store.ts'
import type { Subscriber } from '../src/subscribers/subscriber.ts'
import { SubscriberRunner } from '../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../test/support/facts.ts'
import { appendLongRun } from '../test/support/long-run.ts'

const events = Number(process.argv[2] ?? 10_000_000)
const million = 1_000_000
const run = 'long'
const stream = runStream(run)
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const random = new Random(7, 'bench')

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
const memory = () => `memory ${megabytes(process.memoryUsage.rss())}`
const count = (value: number) => Math.round(value).toLocaleString('en-US')

/** The median, the 99th percentile and the highest of some times in milliseconds. */
function distribution(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2)
  return `median ${at(0.5)} ms, 99 % ${at(0.99)} ms, highest ${at(1)} ms (${sorted.length})`
}

function time(work: () => unknown): number {
  const began = performance.now()
  work()
  return performance.now() - began
}

/** Times some work 200 times, after 20 times to warm up. */
function repeated(work: () => unknown): string {
  return distribution(Array.from({ length: 220 }, () => time(work)).slice(20))
}

/** Appends the run; at every million it tells the rate since the last, and what single steps cost beside it. */
function append(journal: Journal): void {
  let [last, began] = [0, performance.now()]
  for (const { version } of appendLongRun(journal, stream, { until: events })) {
    if (version - last < Math.min(million, events)) continue
    const rate = ((version - last) / (performance.now() - began)) * 1_000
    const single = Array.from({ length: 1_000 }, (_, step) =>
      time(() => journal.append('beside', [stepCompleted(step + 1)])),
    )
    console.log(
      `appended ${count(version)}: ${count(rate)} events/s in batches, ${memory()}; single steps ${distribution(single)}`,
    )
    ;[last, began] = [version, performance.now()]
  }
}

/** How quickly the run is shown, as it stood after random ones of its steps up to one. */
function showMoments(journal: Journal, last: number): void {
  console.log(`runAt, ${repeated(() => runAt(journal, run, { step: random.integer(last) }))}; ${memory()}`)
}

function fold(journal: Journal): void {
  const head = journal.streamVersion(stream)
  const until = () => 1 + random.integer(head)
  console.log(`fold at a random version, ${repeated(() => journal.fold(stream, trainerMachine, { until: until() }))}`)
  console.log(`fold at the head, ${repeated(() => journal.fold(stream, trainerMachine))}`)
}

function read(journal: Journal): void {
  const before = process.memoryUsage.rss()
  let [read, peak] = [0, 0]
  const took = time(() => {
    for (const _ of journal.read({ stream }))
      if (++read % 100_000 === 0) peak = Math.max(peak, process.memoryUsage.rss())
  })
  console.log(`read: ${count((read / took) * 1_000)} events/s, memory ${megabytes(peak)} (${megabytes(before)} before)`)
}

/** Whole commands, from the start of their process to its end. */
function command(store: Store, ...args: readonly string[]): void {
  const program = path.join(root, 'dist/src/cli/bin.js')
  const once = () => execFileSync(process.execPath, [program, ...args, '--store', store.folder], { stdio: 'ignore' })
  const took = [1, 2, 3].map(() => time(once).toFixed(0))
  console.log(`chronograd ${args.join(' ')}: ${took.join(', ')} ms`)
}

function startScript(name: string, journal: Journal): ChildProcess {
  const script = path.join(root, 'bench/long-log', name)
  return spawn(process.execPath, ['--import', 'tsx', script, journal.path, stream], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: root,
  })
}

/** Builds the metrics again in another process, which tells what it holds every now and then. */
async function rebuild(journal: Journal): Promise<void> {
  const child = startScript('rebuild.ts', journal)
  if (child.stdout === null) throw new Error('The script was started without a pipe to read from.')
  for await (const line of createInterface({ input: child.stdout })) {
    const { seconds, bytes, events } = JSON.parse(line) as Record<'seconds' | 'bytes', number> & { events?: number }
    if (events === undefined)
      console.log(`rebuilding the metrics for ${seconds.toFixed(0)} s, memory ${megabytes(bytes)}`)
    else console.log(`metrics rebuilt: ${count(events / seconds)} events/s, memory at most ${megabytes(bytes)}`)
  }
}

/** What somebody may want to know of a run who thinks of it late. */
const slowest: Subscriber = {
  name: 'slowest',
  revision: 1,
  tables: { slowest: 'milliseconds REAL NOT NULL, PRIMARY KEY (stream)' },
  types: ['step.completed'],
  handle({ data, stream }, { statement }) {
    statement(
      `INSERT INTO slowest VALUES (?, ?)
       ON CONFLICT DO UPDATE SET milliseconds = max(milliseconds, excluded.milliseconds)`,
    ).run(stream, (data as { durationMs: number }).durationMs)
  },
}

/** A subscriber begins while another process trains, and catches up; what that costs the trainer's appends. */
async function catchUp(journal: Journal): Promise<void> {
  const trainer = startScript('appender.ts', journal)
  let took: number[] = []
  if (trainer.stdout !== null) {
    createInterface({ input: trainer.stdout }).on('line', line => took.push(...(JSON.parse(line) as number[])))
  }
  await setTimeout(3_000)
  took = []
  await setTimeout(10_000)
  console.log(`a trainer appends, ${distribution(took)}`)
  const runner = new SubscriberRunner(journal, slowest, { stream })
  took = []
  const began = performance.now()
  const seconds = () => ((performance.now() - began) / 1_000).toFixed(0)
  const telling = setInterval(() => {
    const behind = journal.streamVersion(stream) - runner.actor.getSnapshot().context.cursor
    console.log(`after ${seconds()} s the subscriber is ${count(behind)} events behind`)
  }, 10_000)
  await runner.settle()
  clearInterval(telling)
  console.log(
    `after ${seconds()} s it has caught up; meanwhile the trainer appends, ${distribution(took)}; ${memory()}`,
  )
  runner.start()
  took = []
  await setTimeout(10_000)
  console.log(`with the subscriber following, the trainer appends, ${distribution(took)}`)
  runner.stop()
  trainer.kill('SIGKILL')
}

/** Archives the first half, and gives the last step in it. */
function archive(journal: Journal): number {
  const [middle] = journal.readPage({ stream, after: Math.floor(events / 2), types: ['step.completed'] }, 1)
  if (middle === undefined) throw new Error('The run has no step in its second half.')
  let [files, bytes, archived] = [0, 0, 0]
  const took = time(() => {
    for (const chunk of journal.archive(stream, { before: middle.at, folder: `${run}/archive` })) {
      files += 1
      bytes += chunk.bytes
      archived += chunk.events
    }
  })
  console.log(
    `archived ${count(archived)} events in ${files} files of ${megabytes(bytes)}, in ${(took / 1_000).toFixed(0)} s; ${memory()}`,
  )
  return (middle.data as { step: number }).step
}

const kept = process.argv[3]
const folder = kept ?? mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
try {
  const store = new Store(folder)
  mkdirSync(store.folder, { recursive: true })
  const journal = Journal.open(store.journalPath)
  const sqlite = journal.query(database => database.prepare<[], string>('SELECT sqlite_version()').pluck().get())
  const date = new Date().toISOString().slice(0, 10)
  console.log(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, SQLite ${sqlite}, ${date}, ${count(events)} events`,
  )
  if (journal.streamVersion(stream) < events) append(journal)
  console.log(`the journal takes ${megabytes(statSync(journal.path).size)}`)
  read(journal)
  fold(journal)
  await rebuild(journal)
  const { step } = journal.fold(stream, trainerMachine).snapshot.context.progress
  showMoments(journal, step)
  command(store, '--version')
  command(store, 'show', run, '--at', String(Math.floor(step / 2)))
  for (const name of ['runs', 'show', 'why']) command(store, name, ...(name === 'runs' ? [] : [run]))
  await catchUp(journal)
  showMoments(journal, archive(journal))
  journal.close()
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
}
